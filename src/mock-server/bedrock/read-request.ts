import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import { checkCalls } from '../check-calls.js';
import { demand, isArray, stringOf } from '../complaint.js';
import type { MockMessage, MockRequest, MockTool } from '../request.js';
import { memberOf, readBlock, readText, toolName } from './read-block.js';

function readMessage(message: Json, index: number): MockMessage {
  const where = `messages.${index}`;
  demand(isObject(message), `${where}: a message is an object`);
  const { role, content } = message;
  demand(role === 'user' || role === 'assistant', `${where}.role: must be user or assistant`);
  demand(isArray(content) && content.length > 0, `${where}.content: must be a list of content blocks, and not empty`);
  return { role, content: content.map((block, position) => readBlock(block, role, `${where}.content.${position}`)) };
}

function checkRoles(messages: readonly MockMessage[]): void {
  demand(messages[0]?.role === 'user', 'A conversation must start with a user message.');
  const repeated = messages.findIndex(({ role }, index) => role === messages[index - 1]?.role);
  demand(repeated < 0, `messages.${repeated}: a conversation must alternate between user and assistant roles.`);
}

function readTool(tool: Json, where: string): readonly MockTool[] {
  const [member, spec] = memberOf(tool, new Set(['toolSpec', 'systemTool', 'cachePoint']), where);
  const at = `${where}.${member}`;
  demand(isObject(spec), `${at}: must be an object`);
  if (member !== 'toolSpec') return [];
  const { name, description, inputSchema } = spec;
  demand(toolName.test(stringOf(name)), `${at}.name: must match ${toolName.source}`);
  demand(description === undefined || stringOf(description) !== '', `${at}.description: must be left out rather than empty`);
  const schema = isObject(inputSchema) ? inputSchema['json'] : undefined;
  demand(isObject(schema) && schema['type'] === 'object', `${at}.inputSchema.json.type: must be object`);
  return [{ name: stringOf(name), description: stringOf(description), inputSchema: schema }];
}

function readTools(config: JsonObject): readonly MockTool[] {
  const tools = config['tools'];
  demand(isArray(tools) && tools.length > 0, 'toolConfig.tools: must be a list of at least one tool');
  const read = tools.flatMap((tool, index) => readTool(tool, `toolConfig.tools.${index}`));
  const names = read.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  demand(twice === undefined, `toolConfig.tools: names must be unique, and ${twice ?? ''} is not`);
  return read;
}

function readChoice(choice: Json | undefined, tools: readonly MockTool[]): string | null {
  if (choice === undefined) return null;
  const [member, value] = memberOf(choice, new Set(['auto', 'any', 'tool']), 'toolConfig.toolChoice');
  const name = isObject(value) ? stringOf(value['name']) : '';
  const isKnown = tools.some((tool) => tool.name === name);
  demand(member !== 'tool' || isKnown, `toolConfig.toolChoice.tool.name: ${name} is no tool of the request`);
  return member;
}

function checkSystem(system: Json | undefined): void {
  if (system === undefined) return;
  demand(isArray(system), 'system: must be a list of content blocks');
  system.forEach((block, index) => {
    const [member, value] = memberOf(block, new Set(['text', 'guardContent', 'cachePoint']), `system.${index}`);
    if (member === 'text') readText(value, `system.${index}`);
  });
}

function checkInference(inference: Json | undefined): void {
  if (inference === undefined) return;
  demand(isObject(inference), 'inferenceConfig: must be an object');
  const { maxTokens = 1 } = inference;
  demand(typeof maxTokens === 'number' && Number.isInteger(maxTokens) && maxTokens > 0, 'inferenceConfig.maxTokens: must be a positive integer');
}

/** Whether a message holds a call or a result, the service's own included. */
const speaksOfTools = ({ content }: MockMessage): boolean =>
  content.some(({ type }) => type === 'tool_use' || type === 'tool_result' || type === 'toolUse' || type === 'toolResult');

/** Checks the body of a request the way ConverseStream does, as far as a stand-in needs it. */
export function readRequest(body: Json, model: string): MockRequest {
  demand(isObject(body), 'the body must be a JSON object');
  const { messages, system, toolConfig, inferenceConfig } = body;
  demand(isArray(messages) && messages.length > 0, 'messages: at least one message is required');
  const read = messages.map(readMessage);
  checkRoles(read);
  checkCalls(read, { call: 'toolUse', result: 'toolResult' });
  checkSystem(system);
  checkInference(inferenceConfig);
  demand(toolConfig === undefined || isObject(toolConfig), 'toolConfig: must be an object');
  demand(toolConfig !== undefined || !read.some(speaksOfTools), 'The toolConfig field must be defined where messages hold toolUse or toolResult blocks.');
  const tools = toolConfig === undefined ? [] : readTools(toolConfig);
  const toolChoice = readChoice(toolConfig?.['toolChoice'], tools);
  return { wire: 'bedrock', model, messages: read, tools, toolChoice, body };
}
