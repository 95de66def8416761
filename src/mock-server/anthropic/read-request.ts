import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import { checkCalls } from '../check-calls.js';
import { demand, isArray, stringOf } from '../complaint.js';
import type { MockMessage, MockRequest, MockTool } from '../request.js';

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

/** Checks the body of a request the way the Messages API does, as far as a stand-in needs it. */
export function readRequest(body: Json): MockRequest {
  demand(isObject(body), 'the body must be a JSON object');
  const { model, max_tokens: maxTokens, messages, stream, tools, tool_choice: choice } = body;
  demand(typeof model === 'string' && model !== '', 'model: must be a non-empty string');
  demand(typeof maxTokens === 'number' && Number.isInteger(maxTokens) && maxTokens > 0, 'max_tokens: must be a positive integer');
  demand(isArray(messages) && messages.length > 0, 'messages: at least one message is required');
  demand(stream === true, 'stream: this scripted stand-in only streams, so it must be true');
  const read = messages.map(readMessage);
  checkCalls(read, { call: 'tool_use', result: 'tool_result' });
  const toolChoice = isObject(choice) ? stringOf(choice['type']) || null : null;
  return { wire: 'anthropic', model, messages: read, tools: readTools(tools), toolChoice, body };
}
