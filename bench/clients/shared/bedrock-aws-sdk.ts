import { BedrockRuntimeClient, ConverseStreamCommand, type Message, type ToolConfiguration } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Client, OnText, Seen, Service, Started } from '../../client.js';
import { AWS_CREDENTIALS, AWS_REGION, BEDROCK_MODEL, lookup, lookUp, MAX_TOKENS } from '../../tool.js';

interface Turn {
  text: string;
  id: string;
  json: string;
  stop: string;
}

const { properties } = lookup.inputSchema;
const inputSchema = { json: { type: 'object', properties: { text: { ...properties.text } }, required: ['text'] } };
const toolConfig: ToolConfiguration = { tools: [{ toolSpec: { name: lookup.name, description: lookup.description, inputSchema } }] };

/** The SDK's own loop: one command, its events in a `for await`. */
async function ask(client: BedrockRuntimeClient, messages: Message[], signal: AbortSignal, onText: OnText, tooled: boolean): Promise<Turn> {
  const command = new ConverseStreamCommand({ modelId: BEDROCK_MODEL, messages, inferenceConfig: { maxTokens: MAX_TOKENS }, ...(tooled ? { toolConfig } : {}) });
  const { stream = [] } = await client.send(command, { abortSignal: signal });
  const turn: Turn = { text: '', id: '', json: '', stop: '' };
  for await (const { contentBlockDelta, contentBlockStart, messageStop } of stream) {
    if (contentBlockDelta?.delta?.text !== undefined) {
      turn.text += contentBlockDelta.delta.text;
      onText(contentBlockDelta.delta.text);
    } else if (contentBlockDelta !== undefined) turn.json += contentBlockDelta.delta?.toolUse?.input ?? '';
    else if (contentBlockStart !== undefined) turn.id = contentBlockStart.start?.toolUse?.toolUseId ?? '';
    else if (messageStop !== undefined) turn.stop = messageStop.stopReason ?? '';
  }
  if (turn.stop === '') throw new Error('the answer was cut off');
  return turn;
}

const only = (prompt: string): Message[] => [{ role: 'user', content: [{ text: prompt }] }];

async function loop(client: BedrockRuntimeClient, prompt: string, signal: AbortSignal, onText: OnText): Promise<Seen> {
  const messages = only(prompt);
  for (let turns = 1, characters = 0; ; turns += 1) {
    const { text, id, json, stop } = await ask(client, messages, signal, onText, true);
    characters += text.length;
    if (stop !== 'tool_use') return { characters, turns };
    const input: { text: string } = JSON.parse(json);
    messages.push({ role: 'assistant', content: [{ text }, { toolUse: { toolUseId: id, name: lookup.name, input } }] });
    messages.push({ role: 'user', content: [{ toolResult: { toolUseId: id, content: [{ text: lookUp(input.text) }] } }] });
  }
}

function started(work: (signal: AbortSignal) => Promise<Seen>): Started {
  const controller = new AbortController();
  return { ended: work(controller.signal), stop: () => controller.abort() };
}

async function inputLength(turn: Promise<Turn>): Promise<number> {
  const input: { text: string } = JSON.parse((await turn).json);
  return input.text.length;
}

/** The SDK as it comes, without its retries; `http2` is its own choice. */
export function client({ url }: Service, handler: 'http2' | 'http1'): Client {
  const sdk = new BedrockRuntimeClient({
    region: AWS_REGION,
    endpoint: url,
    credentials: AWS_CREDENTIALS,
    maxAttempts: 1,
    // As many connections as there are streams: 50 is what it would open by itself.
    ...(handler === 'http2' ? {} : { requestHandler: new NodeHttpHandler({ httpAgent: { maxSockets: Infinity } }) }),
  });
  return {
    text: (prompt, onText) => started(async (signal) => ({ characters: (await ask(sdk, only(prompt), signal, onText, false)).text.length, turns: 1 })),
    toolInput: (prompt) => started(async (signal) => ({ characters: await inputLength(ask(sdk, only(prompt), signal, () => undefined, true)), turns: 1 })),
    loop: (prompt, onText) => started((signal) => loop(sdk, prompt, signal, onText)),
  };
}
