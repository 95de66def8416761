import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import type { ContentBlock, Message, ToolSpec } from '../../messages/message.js';
import type { ModelRequest, ToolChoice } from '../../provider.js';
import type { AnthropicConfig } from './config.js';
import { contentToWire, isOurs } from './content-to-wire.js';
import { wellFormed, wellFormedJson } from '../../messages/well-formed.js';

/** What a turn may use where nobody says. */
const DEFAULT_MAX_TOKENS = 8192;

function toolChoice(choice: ToolChoice): JsonObject {
  return typeof choice === 'string' ? { type: choice } : { type: 'tool', name: choice.name };
}

function toolToWire(tool: ToolSpec): JsonObject {
  return { name: tool.name, description: wellFormed(tool.description), input_schema: tool.inputSchema };
}

/** The block with its own text mended; opaque members are never touched. Undefined where the service would refuse it. */
function mend(block: ContentBlock): ContentBlock | undefined {
  switch (block.type) {
    case 'text':
      return block.text.trim() === '' ? undefined : { ...block, text: wellFormed(block.text) };
    case 'tool_use':
      return { ...block, input: isObject(block.input) ? wellFormedJson(block.input) : {} };
    case 'tool_result':
      return { ...block, content: block.content.flatMap((inner) => mend(inner) ?? []) };
    case 'thinking':
      return block.signature === undefined || block.signature === '' ? undefined : block;
    default:
      return block;
  }
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

/** The conversation as the service accepts it: roles take turns, nothing is empty, tool results come first. */
function conversation(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    const ours = isOurs(message);
    const content = message.content.flatMap((block) => mend(block) ?? []).flatMap<JsonObject>((block) => contentToWire(block, ours) ?? []);
    const last = turns.at(-1);
    if (content.length === 0) continue;
    if (last?.role === message.role) last.content.push(...content);
    else turns.push({ role: message.role, content });
  }
  return turns.map(resultsFirst);
}

function resultsFirst(turn: Turn): Turn {
  const isResult = (block: JsonObject): boolean => block['type'] === 'tool_result';
  const results = turn.role === 'user' ? turn.content.filter(isResult) : [];
  return results.length === 0 ? turn : { ...turn, content: [...results, ...turn.content.filter((block) => !isResult(block))] };
}

/** The container that the last answer ran in: it holds the files that the next one may need. */
function container(messages: readonly Message[]): JsonObject {
  const last = messages.findLast((message) => message.role === 'assistant' && isOurs(message));
  const used = last?.wire?.['container'];
  const id = isObject(used) ? textOf(used, 'id') : used;
  return typeof id === 'string' ? { container: id } : {};
}

function maxTokens(config: AnthropicConfig, request: ModelRequest): number {
  const asked = request.maxTokens ?? config.maxTokens;
  if (asked !== undefined) return asked;
  const budget = config.thinking?.['budget_tokens'];
  return DEFAULT_MAX_TOKENS + (typeof budget === 'number' ? budget : 0);
}

function toolMembers(config: AnthropicConfig, request: ModelRequest): JsonObject {
  const tools: Json[] = [...(request.tools ?? []).map(toolToWire), ...(config.serverTools ?? [])];
  if (tools.length === 0) return {};
  return request.toolChoice === undefined ? { tools } : { tools, tool_choice: toolChoice(request.toolChoice) };
}

/** The body of `POST /v1/messages` for one turn. */
export function buildRequest(config: AnthropicConfig, request: ModelRequest): JsonObject {
  const { instructions, temperature, stopSequences, messages } = request;
  const turns: Json[] = conversation(messages).map(({ role, content }) => ({ role, content }));
  return {
    model: config.model,
    max_tokens: maxTokens(config, request),
    ...(instructions === undefined || instructions.trim() === '' ? {} : { system: wellFormed(instructions) }),
    messages: turns,
    ...toolMembers(config, request),
    ...(config.thinking === undefined ? {} : { thinking: config.thinking }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(stopSequences === undefined || stopSequences.length === 0 ? {} : { stop_sequences: stopSequences }),
    ...container(messages),
    ...config.extra,
    ...request.extra,
    stream: true,
  };
}
