import Anthropic from '@anthropic-ai/sdk';
import type { Connect, OnText, Seen, Started } from '../client.js';
import { API_KEY, lookup, lookUp, MAX_TOKENS, MODEL } from '../tool.js';

type Messages = Anthropic.MessageParam[];

interface Turn {
  text: string;
  id: string;
  json: string;
  stop: string;
}

const tools: Anthropic.Tool[] = [{ name: lookup.name, description: lookup.description, input_schema: { type: 'object', properties: lookup.inputSchema.properties } }];

/** The SDK's own loop over `create({ stream: true })`. */
async function ask(client: Anthropic, messages: Messages, signal: AbortSignal, onText: OnText, tooled: boolean): Promise<Turn> {
  const stream = await client.messages.create({ model: MODEL, max_tokens: MAX_TOKENS, messages, stream: true, ...(tooled ? { tools } : {}) }, { signal });
  const turn: Turn = { text: '', id: '', json: '', stop: '' };
  for await (const event of stream) {
    if (event.type === 'content_block_delta') {
      if (event.delta.type === 'text_delta') {
        turn.text += event.delta.text;
        onText(event.delta.text);
      } else if (event.delta.type === 'input_json_delta') turn.json += event.delta.partial_json;
    } else if (event.type === 'content_block_start') {
      if (event.content_block.type === 'tool_use') turn.id = event.content_block.id;
    } else if (event.type === 'message_delta') turn.stop = event.delta.stop_reason ?? '';
  }
  return turn;
}

async function loop(client: Anthropic, prompt: string, signal: AbortSignal, onText: OnText): Promise<Seen> {
  const messages: Messages = [{ role: 'user', content: prompt }];
  for (let turns = 1, characters = 0; ; turns += 1) {
    const { text, id, json, stop } = await ask(client, messages, signal, onText, true);
    characters += text.length;
    if (stop !== 'tool_use') return { characters, turns };
    const input: { text: string } = JSON.parse(json);
    messages.push({ role: 'assistant', content: [{ type: 'text', text }, { type: 'tool_use', id, name: lookup.name, input }] });
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: lookUp(input.text) }] });
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

export const connect: Connect = ({ url }) => {
  const client = new Anthropic({ baseURL: url, apiKey: API_KEY, maxRetries: 0 });
  const only = (prompt: string): Messages => [{ role: 'user', content: prompt }];
  return {
    text: (prompt, onText) => started(async (signal) => ({ characters: (await ask(client, only(prompt), signal, onText, false)).text.length, turns: 1 })),
    toolInput: (prompt) => started(async (signal) => ({ characters: await inputLength(ask(client, only(prompt), signal, () => undefined, true)), turns: 1 })),
    loop: (prompt, onText) => started((signal) => loop(client, prompt, signal, onText)),
  };
};
