import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessageChunk } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { createAgent } from 'langchain';
import type { Client, OnText, Seen } from '../../../client.js';
import { lookup, lookUp } from '../../../tool.js';
import { inputSchema, textOf } from './lookup.js';
import { started } from './started.js';

const ENOUGH_STEPS = 10_000;

const lookupTool = tool((input: unknown) => lookUp(textOf(input)), { name: lookup.name, description: lookup.description, schema: inputSchema() });

/** `model.stream`, the text of its chunks. */
async function text(model: BaseChatModel, prompt: string, signal: AbortSignal, onText: OnText): Promise<Seen> {
  let characters = 0;
  for await (const chunk of await model.stream(prompt, { signal })) {
    if (chunk.text === '') continue;
    characters += chunk.text.length;
    onText(chunk.text);
  }
  signal.throwIfAborted();
  return { characters, turns: 1 };
}

/** The same with the tool bound: the call's input is put together here, once, as its pieces come. */
async function input(model: BaseChatModel, prompt: string, signal: AbortSignal): Promise<Seen> {
  if (model.bindTools === undefined) throw new Error('The model takes no tools.');
  let json = '';
  for await (const chunk of await model.bindTools([lookupTool]).stream(prompt, { signal })) {
    for (const { args } of chunk.tool_call_chunks ?? []) json += args ?? '';
  }
  signal.throwIfAborted();
  return { characters: textOf(JSON.parse(json)).length, turns: 1 };
}

/** `createAgent` and its stream of messages. */
async function loop(model: BaseChatModel, prompt: string, signal: AbortSignal, onText: OnText): Promise<Seen> {
  let characters = 0;
  let turns = 0;
  const agent = createAgent({ model, tools: [lookupTool] });
  const messages = await agent.stream({ messages: [{ role: 'user', content: prompt }] }, { streamMode: 'messages', recursionLimit: ENOUGH_STEPS, signal });
  let step: unknown;
  for await (const [chunk, { langgraph_step: at }] of messages) {
    if (!(chunk instanceof AIMessageChunk)) continue;
    if (at !== step) turns += 1;
    step = at;
    if (chunk.text === '') continue;
    characters += chunk.text.length;
    onText(chunk.text);
  }
  signal.throwIfAborted();
  return { characters, turns };
}

/** LangChain over one of its models. */
export const langchain = (model: BaseChatModel): Client => ({
  text: (prompt, onText) => started((signal) => text(model, prompt, signal, onText)),
  toolInput: (prompt) => started((signal) => input(model, prompt, signal)),
  loop: (prompt, onText) => started((signal) => loop(model, prompt, signal, onText)),
});
