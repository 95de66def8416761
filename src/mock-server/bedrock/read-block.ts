import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import { demand, isArray, stringOf } from '../complaint.js';

const callId = /^[a-zA-Z0-9_.:-]{1,64}$/u;
export const toolName = /^[a-zA-Z0-9_-]{1,64}$/u;

/** The one member that a union holds. */
export function memberOf(union: Json, known: ReadonlySet<string>, where: string): readonly [string, Json] {
  demand(isObject(union), `${where}: must be an object`);
  const [member, ...others] = Object.entries(union);
  demand(member !== undefined && others.length === 0, `${where}: must have exactly one member`);
  demand(known.has(member[0]), `${where}: ${member[0]} is not known here`);
  return member;
}

/** Blank is refused too: spaces and line feeds alone are no text for the service. */
export function readText(text: Json | undefined, where: string): string {
  demand(stringOf(text).trim() !== '', `The text field at ${where} is blank. Add text to the text field, and try again.`);
  return stringOf(text);
}

function readCallId(value: JsonObject, where: string): string {
  const id = stringOf(value['toolUseId']);
  demand(callId.test(id), `${where}.toolUseId: must match ${callId.source}`);
  return id;
}

function readCall(value: JsonObject, where: string): JsonObject {
  const [id, name, input] = [readCallId(value, where), stringOf(value['name']), value['input']];
  demand(toolName.test(name), `${where}.name: must match ${toolName.source}`);
  demand(isObject(input), `${where}.input: must be a JSON object`);
  return { type: 'tool_use', id, name, input };
}

const resultMembers: ReadonlySet<string> = new Set(['text', 'json', 'image', 'document', 'video', 'searchResult']);

function readResultContent(content: Json, where: string): JsonObject {
  const [name, value] = memberOf(content, resultMembers, where);
  if (name === 'text') return { type: 'text', text: readText(value, where) };
  return name === 'json' ? { type: 'text', text: JSON.stringify(value) } : { type: name, [name]: value };
}

function readResult(value: JsonObject, where: string): JsonObject {
  const { content, status = 'success' } = value;
  demand(isArray(content), `${where}.content: must be a list`);
  demand(status === 'success' || status === 'error', `${where}.status: must be success or error`);
  demand(status === 'success' || content.length > 0, `The content field at ${where} cannot be empty when status value is error.`);
  return {
    type: 'tool_result',
    tool_use_id: readCallId(value, where),
    content: content.map((part, index) => readResultContent(part, `${where}.content.${index}`)),
    is_error: status === 'error',
  };
}

function readReasoning(value: JsonObject, where: string): JsonObject {
  const [name, held] = memberOf(value, new Set(['reasoningText', 'redactedContent']), where);
  if (name === 'redactedContent') return { type: 'redacted_thinking', data: held };
  demand(isObject(held) && typeof held['text'] === 'string', `${where}.reasoningText.text: must be a string`);
  return { type: 'thinking', thinking: held['text'], signature: stringOf(held['signature']) };
}

function readCited(value: JsonObject): JsonObject {
  const parts = value['content'];
  const texts = isArray(parts) ? parts.map((part) => (isObject(part) ? stringOf(part['text']) : '')) : [];
  return { type: 'text', text: texts.join('') };
}

const blockMembers: ReadonlySet<string> = new Set(
  (
    'text image document video audio toolUse toolResult guardContent cachePoint reasoningContent citationsContent ' +
    'searchResult'
  ).split(' '),
);

const serverSide: ReadonlySet<string> = new Set(['toolUse', 'toolResult']);

/** A block of Converse in the form of the Messages API. What has no counterpart there keeps its name and its value. */
export function readBlock(block: Json, role: string, where: string): JsonObject {
  const [name, value] = memberOf(block, blockMembers, where);
  const at = `${where}.${name}`;
  if (name === 'text') return { type: 'text', text: readText(value, where) };
  demand(isObject(value), `${at}: must be an object`);
  // The calls that the service answers itself, and its answers to them, stay in the assistant's message as they came.
  const isServerSide = role === 'assistant' && serverSide.has(name) && typeof value['type'] === 'string' && value['type'] !== 'tool_use';
  if (isServerSide) return { type: name, [name]: value };
  demand(name !== 'toolUse' || role === 'assistant', `${at}: only the assistant calls tools`);
  demand(name !== 'toolResult' || role === 'user', `${at}: results of tools come from the user`);
  switch (name) {
    case 'toolUse':
      return readCall(value, at);
    case 'toolResult':
      return readResult(value, at);
    case 'reasoningContent':
      return readReasoning(value, at);
    case 'citationsContent':
      return readCited(value);
    case 'guardContent':
      return isObject(value['text']) ? { type: 'text', text: readText(value['text']['text'], `${at}.text`) } : { type: name, [name]: value };
    default:
      return { type: name, [name]: value };
  }
}
