import type { Json, JsonObject } from '../../events/json.js';
import { isObject, textOf } from '../../events/json-object.js';
import type { Message, ToolSpec } from '../../messages/message.js';
import { isOwn, outgoing, omittedMetadata } from '../../messages/outgoing.js';
import type { ToolNames } from '../../messages/tool-names.js';
import { requestToolNames, type ModelRequest, type ToolChoice } from '../../provider.js';
import { withBreakpoints } from './cache.js';
import type { AnthropicConfig } from './config.js';
import { wellFormed } from '../../messages/well-formed.js';
import { serviceForm } from './content-to-wire.js';
import { takeBetas, withBetas } from './betas.js';

/** What a turn may use where nobody says. */
const DEFAULT_MAX_TOKENS = 8192;

function toolChoice(choice: ToolChoice, names: ToolNames): JsonObject {
  return typeof choice === 'string' ? { type: choice } : { type: 'tool', name: names.toWire(choice.name) };
}

function toolToWire(tool: ToolSpec, names: ToolNames): JsonObject {
  return { name: names.toWire(tool.name), description: wellFormed(tool.description), input_schema: tool.inputSchema };
}

/** The container that the last answer ran in: it holds the files that the next one may need. */
function container(messages: readonly Message[]): JsonObject {
  const last = messages.findLast((message) => message.role === 'assistant' && isOwn(message, serviceForm.service));
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

function toolMembers(config: AnthropicConfig, request: ModelRequest, names: ToolNames): JsonObject {
  const tools: Json[] = [...(request.tools ?? []).map((tool) => toolToWire(tool, names)), ...(config.serverTools ?? [])];
  if (tools.length === 0) return {};
  return request.toolChoice === undefined ? { tools } : { tools, tool_choice: toolChoice(request.toolChoice, names) };
}

/** The names of the request's tools on the wire; those of the service's own tools are not to be had. */
function namesOf({ serverTools = [] }: AnthropicConfig, request: ModelRequest): ToolNames {
  const own = serverTools.flatMap((tool): ToolSpec[] => {
    const name = textOf(tool, 'name');
    return name === undefined ? [] : [{ name, description: '', inputSchema: {} }];
  });
  return requestToolNames({ ...request, tools: [...(request.tools ?? []), ...own] });
}

/** One turn's request, and what of it the answer has to be read with. */
export interface BuiltRequest {
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly names: ToolNames;
  /** What the answer's metadata tell of the request. */
  readonly metadata: JsonObject;
}

/** The body of `POST /v1/messages` for one turn. */
export function buildRequest(config: AnthropicConfig, request: ModelRequest): BuiltRequest {
  const { instructions, temperature, stopSequences, messages } = request;
  const names = namesOf(config, request);
  const { turns, omitted } = outgoing(messages, { ...serviceForm, toolName: names.toWire });
  const { body, betas } = takeBetas({
    model: config.model,
    max_tokens: maxTokens(config, request),
    ...(instructions === undefined || instructions.trim() === '' ? {} : { system: wellFormed(instructions) }),
    messages: turns.map(({ role, content }): Json => ({ role, content })),
    ...toolMembers(config, request, names),
    ...(config.thinking === undefined ? {} : { thinking: config.thinking }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(stopSequences === undefined || stopSequences.length === 0 ? {} : { stop_sequences: stopSequences }),
    ...container(messages),
    ...config.extra,
    ...request.extra,
    stream: true,
  });
  return { body: withBreakpoints(body, config.cache), headers: withBetas(config.headers, betas), names, metadata: omittedMetadata(omitted) };
}
