import { isStepCount, jsonSchema, streamText, tool, type LanguageModel, type ToolSet } from 'ai';
import type { Client, OnText, Seen } from '../../../client.js';
import { lookup, lookUp, MAX_TOKENS } from '../../../tool.js';
import { inputSchema, textOf } from './lookup.js';
import { started } from './started.js';

const ENOUGH_STEPS = 10_000;
const described = { description: lookup.description, inputSchema: jsonSchema(inputSchema()) };

// A schema without a `validate` of its own is not checked, which costs least.
const executed: ToolSet = { [lookup.name]: tool({ ...described, execute: (input) => lookUp(textOf(input)) }) };
const streamed: ToolSet = { [lookup.name]: tool(described) };

interface Request {
  readonly model: LanguageModel;
  readonly prompt: string;
  readonly signal: AbortSignal;
  readonly tools?: ToolSet;
  onText?: OnText;
}

interface Read extends Seen {
  /** Characters of the inputs of the tool's calls. */
  readonly input: number;
}

/** `streamText`, its loop and its `stream` of all parts (called `fullStream` before version 7). */
async function read({ model, prompt, signal, tools, onText }: Request): Promise<Read> {
  const { stream } = streamText({
    model,
    prompt,
    maxOutputTokens: MAX_TOKENS,
    maxRetries: 0,
    abortSignal: signal,
    stopWhen: isStepCount(ENOUGH_STEPS),
    // It would print; the part below says it too.
    onError: () => undefined,
    ...(tools === undefined ? {} : { tools }),
  });
  let characters = 0;
  let turns = 0;
  let input = 0;
  for await (const part of stream) {
    switch (part.type) {
      case 'text-delta':
        characters += part.text.length;
        onText?.(part.text);
        break;
      case 'tool-call':
        input += textOf(part.input).length;
        break;
      case 'finish-step':
        turns += 1;
        break;
      case 'error':
      case 'tool-error':
        throw part.error;
      case 'abort':
        throw new Error('stopped');
      default:
    }
  }
  return { characters, turns, input };
}

async function onlyInput(reading: Promise<Read>): Promise<Seen> {
  const { input, turns } = await reading;
  return { characters: input, turns };
}

/** The AI SDK over one of its models. */
export const vercel = (model: LanguageModel): Client => ({
  text: (prompt, onText) => started((signal) => read({ model, prompt, signal, onText })),
  toolInput: (prompt) => started((signal) => onlyInput(read({ model, prompt, signal, tools: streamed }))),
  loop: (prompt, onText) => started((signal) => read({ model, prompt, signal, onText, tools: executed })),
});
