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

/** A chunk's text. `text` is made anew each time it is read and looks for blocks: content that is a text costs less. */
const textIn = (chunk: AIMessageChunk): string => (typeof chunk.content === 'string' ? chunk.content : chunk.text);

/** `model.stream`, the text of its chunks. */
async function readText(model: BaseChatModel, prompt: string, signal: AbortSignal, onText: OnText): Promise<Seen> {
  let characters = 0;
  for await (const chunk of await model.stream(prompt, { signal })) {
    const text = textIn(chunk);
    if (text === '') continue;
    characters += text.length;
    onText(text);
  }
  signal.throwIfAborted();
  return { characters, turns: 1 };
}

type ToolModel = ReturnType<NonNullable<BaseChatModel['bindTools']>>;

/** The same with the tool bound. The input's pieces are joined here: adding chunk to chunk would read them all again each time. */
async function readInput(model: ToolModel, prompt: string, signal: AbortSignal): Promise<Seen> {
  let json = '';
  for await (const { tool_call_chunks: pieces = [] } of await model.stream(prompt, { signal })) {
    for (const { args = '' } of pieces) json += args;
  }
  signal.throwIfAborted();
  return { characters: textOf(JSON.parse(json)).length, turns: 1 };
}

const agentOf = (model: BaseChatModel) => createAgent({ model, tools: [lookupTool] });

/** `createAgent` and its stream of messages. A turn is one step of its graph. */
async function run(agent: ReturnType<typeof agentOf>, prompt: string, signal: AbortSignal, onText: OnText): Promise<Seen> {
  let characters = 0;
  let turns = 0;
  let step: unknown;
  const messages = await agent.stream({ messages: [{ role: 'user', content: prompt }] }, { streamMode: 'messages', recursionLimit: ENOUGH_STEPS, signal });
  for await (const [chunk, { langgraph_step: at }] of messages) {
    if (!(chunk instanceof AIMessageChunk)) continue;
    if (at !== step) turns += 1;
    step = at;
    const text = textIn(chunk);
    if (text === '') continue;
    characters += text.length;
    onText(text);
  }
  signal.throwIfAborted();
  return { characters, turns };
}

/** LangChain over one of its models. Its traces are off unless the environment asks for them. */
export function langchain(model: BaseChatModel): Client {
  const withTool = model.bindTools?.([lookupTool]);
  if (withTool === undefined) throw new Error('The model takes no tools.');
  const agent = agentOf(model);
  return {
    text: (prompt, onText) => started((signal) => readText(model, prompt, signal, onText)),
    toolInput: (prompt) => started((signal) => readInput(withTool, prompt, signal)),
    loop: (prompt, onText) => started((signal) => run(agent, prompt, signal, onText)),
  };
}
