import { Agent, type AgentStreamEvent, NullConversationManager, tool, type Model } from '@strands-agents/sdk';
import type { Client, OnText, Seen } from '../../../client.js';
import { lookup, lookUp } from '../../../tool.js';
import { inputSchema, textOf } from './lookup.js';
import { started } from './started.js';

const lookupTool = tool({
  name: lookup.name,
  description: lookup.description,
  inputSchema: inputSchema(),
  callback: (input) => lookUp(textOf(input)),
});

interface Request {
  readonly model: Model;
  readonly prompt: string;
  readonly signal: AbortSignal;
  readonly tooled?: boolean;
}

/** An agent keeps its conversation, so each run has its own: nothing printed, nothing asked again, no message dropped. */
async function* events({ model, prompt, signal, tooled = false }: Request): AsyncGenerator<AgentStreamEvent> {
  const agent = new Agent({
    model,
    tools: tooled ? [lookupTool] : [],
    printer: false,
    retryStrategy: null,
    conversationManager: new NullConversationManager(),
  });
  yield* agent.stream(prompt, { cancelSignal: signal });
  signal.throwIfAborted();
}

async function run(request: Request, onText: OnText): Promise<Seen> {
  let characters = 0;
  let turns = 0;
  for await (const event of events(request)) {
    if (event.type === 'modelStreamUpdateEvent') {
      if (event.event.type !== 'modelContentBlockDeltaEvent' || event.event.delta.type !== 'textDelta') continue;
      characters += event.event.delta.text.length;
      onText(event.event.delta.text);
    } else if (event.type === 'modelMessageEvent') turns += 1;
  }
  return { characters, turns };
}

/** Left when the call has come whole and has not been run. */
async function input(request: Request): Promise<Seen> {
  for await (const event of events(request)) {
    if (event.type !== 'modelMessageEvent') continue;
    const calls = event.message.content.filter((block) => block.type === 'toolUseBlock');
    return { characters: calls.reduce((sum, call) => sum + textOf(call.input).length, 0), turns: 1 };
  }
  throw new Error('No call came.');
}

/** A Strands agent over one of its models, which is given the signal that stops the run. */
export const strands = (modelFor: (signal: AbortSignal) => Model): Client => ({
  text: (prompt, onText) => started((signal) => run({ model: modelFor(signal), prompt, signal }, onText)),
  toolInput: (prompt) => started((signal) => input({ model: modelFor(signal), prompt, signal, tooled: true })),
  loop: (prompt, onText) => started((signal) => run({ model: modelFor(signal), prompt, signal, tooled: true }, onText)),
});
