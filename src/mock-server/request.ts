import type { Json, JsonObject } from '../events/json.js';

/** A message as the stand-in reads it: string content has become one text block. */
export interface MockMessage {
  readonly role: string;
  readonly content: readonly JsonObject[];
}

/** A tool that the request offers. */
export interface MockTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
}

/** One request of a client, read and found valid. */
export interface MockRequest {
  readonly model: string;
  readonly messages: readonly MockMessage[];
  /** The tools that carry an input schema; those that a service would run itself are left out. */
  readonly tools: readonly MockTool[];
  /** The `type` of the tool choice, or null where the request leaves it open. */
  readonly toolChoice: string | null;
  /** The whole body as it came. */
  readonly body: JsonObject;
}

/** The request, or what the API would complain about. */
export type ReadRequest = { readonly valid: true; readonly request: MockRequest } | { readonly valid: false; readonly message: string };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The member as a string; empty where it is missing or something else. */
export function stringOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

class Complaint extends Error {}

function demand(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Complaint(message);
}

function readBlock(block: Json, where: string): JsonObject {
  demand(isObject(block) && typeof block['type'] === 'string', `${where}: a content block is an object with a type`);
  demand(block['type'] !== 'text' || stringOf(block['text']) !== '', `${where}: text content blocks must be non-empty`);
  return block;
}

function readMessage(message: Json, index: number): MockMessage {
  const where = `messages.${index}`;
  demand(isObject(message), `${where}: a message is an object`);
  const role = message['role'];
  demand(role === 'user' || role === 'assistant' || role === 'system', `${where}.role: must be user or assistant`);
  const content = message['content'];
  if (typeof content === 'string') {
    demand(content !== '', `${where}.content: must be non-empty`);
    return { role, content: [{ type: 'text', text: content }] };
  }
  demand(isArray(content), `${where}.content: must be a string or a list of content blocks`);
  return { role, content: content.map((block, position) => readBlock(block, `${where}.content.${position}`)) };
}

const toolName = /^[a-zA-Z0-9_-]{1,128}$/u;

function readTools(tools: Json | undefined): readonly MockTool[] {
  if (tools === undefined) return [];
  demand(isArray(tools), 'tools: must be a list');
  const seen = new Set<string>();
  return tools.flatMap((tool, index) => {
    demand(isObject(tool), `tools.${index}: a tool is an object`);
    const name = stringOf(tool['name']);
    demand(toolName.test(name), `tools.${index}.name: must match ${toolName.source}`);
    demand(!seen.has(name), `tools: names must be unique, and ${name} is not`);
    seen.add(name);
    const inputSchema = tool['input_schema'];
    return isObject(inputSchema) ? [{ name, description: stringOf(tool['description']), inputSchema }] : [];
  });
}

const idsOf = (message: MockMessage | undefined, type: string, member: string): readonly string[] =>
  (message?.content ?? []).filter((block) => block['type'] === type).map((block) => stringOf(block[member]));

/** Every call is answered in the very next message, and only calls are answered: the rule that histories break first. */
function checkCalls(messages: readonly MockMessage[]): void {
  const seen = new Set<string>();
  messages.forEach((message, index) => {
    const before = idsOf(messages[index - 1], 'tool_use', 'id');
    const answered = idsOf(message, 'tool_result', 'tool_use_id');
    const open = before.filter((id) => !answered.includes(id));
    demand(open.length === 0, `messages.${index}: tool_use ids without a tool_result right after them: ${open.join(', ')}`);
    const stray = answered.filter((id) => !before.includes(id));
    demand(stray.length === 0, `messages.${index}: tool_result without a tool_use in the message before: ${stray.join(', ')}`);
    demand(new Set(answered).size === answered.length, `messages.${index}: each tool_use has a single tool_result`);
    for (const id of idsOf(message, 'tool_use', 'id')) {
      demand(!seen.has(id), `messages.${index}: tool_use ids must be unique, and ${id} is not`);
      seen.add(id);
    }
  });
  const left = idsOf(messages.at(-1), 'tool_use', 'id');
  demand(left.length === 0, `messages: tool_use ids without a tool_result right after them: ${left.join(', ')}`);
}

function read(body: Json): MockRequest {
  demand(isObject(body), 'the body must be a JSON object');
  const { model, max_tokens: maxTokens, messages, stream, tools, tool_choice: choice } = body;
  demand(typeof model === 'string' && model !== '', 'model: must be a non-empty string');
  demand(typeof maxTokens === 'number' && Number.isInteger(maxTokens) && maxTokens > 0, 'max_tokens: must be a positive integer');
  demand(isArray(messages) && messages.length > 0, 'messages: at least one message is required');
  demand(stream === true, 'stream: this scripted stand-in only streams, so it must be true');
  const read = messages.map(readMessage);
  checkCalls(read);
  const toolChoice = isObject(choice) ? stringOf(choice['type']) || null : null;
  return { model, messages: read, tools: readTools(tools), toolChoice, body };
}

/** Checks a request body the way the API does, as far as a stand-in needs it. */
export function readRequest(body: Json): ReadRequest {
  try {
    return { valid: true, request: read(body) };
  } catch (error) {
    if (error instanceof Complaint) return { valid: false, message: error.message };
    throw error;
  }
}
