import type { Json, JsonObject } from '../../events/json.js';
import { isObject } from '../../events/json-object.js';
import type { ToolSpec } from '../../messages/message.js';
import { omittedMetadata, outgoing, type OutgoingTurn } from '../../messages/outgoing.js';
import type { ToolNames } from '../../messages/tool-names.js';
import { wellFormed } from '../../messages/well-formed.js';
import { requestToolNames, type ModelRequest, type ToolChoice } from '../../provider.js';
import { withCachePoints } from './cache-points.js';
import type { BedrockConfig } from './config.js';
import { serviceForm } from './content-to-wire.js';

/** One turn's request, and what of it the answer has to be read with. */
export interface BuiltRequest {
  readonly body: JsonObject;
  readonly names: ToolNames;
  /** What the answer's metadata tell of the request. */
  readonly metadata: JsonObject;
}

/** `none` has no word of its own: the tools stay and the choice is left out. */
function toolChoice(choice: ToolChoice | undefined, names: ToolNames): JsonObject {
  if (choice === undefined || choice === 'none') return {};
  return { toolChoice: typeof choice === 'string' ? { [choice]: {} } : { tool: { name: names.toWire(choice.name) } } };
}

function toolToWire({ name, description, inputSchema }: ToolSpec, names: ToolNames): JsonObject {
  const told = description.trim() === '' ? {} : { description: wellFormed(description) };
  return { toolSpec: { name: names.toWire(name), ...told, inputSchema: { json: inputSchema } } };
}

/** The tools that the conversation called: the service refuses calls and results where none are named. */
function toolsCalled(turns: readonly OutgoingTurn[]): Json[] {
  const blocks = turns.flatMap(({ content }) => content);
  const names = blocks.flatMap(({ toolUse }) => (isObject(toolUse) && typeof toolUse['name'] === 'string' ? toolUse['name'] : []));
  if (names.length === 0 && blocks.some((block) => 'toolResult' in block)) names.push('unavailable');
  const description = 'Can no longer be called.';
  return [...new Set(names)].map((name) => ({ toolSpec: { name, description, inputSchema: { json: { type: 'object' } } } }));
}

function toolsOf(config: BedrockConfig, request: ModelRequest, names: ToolNames, turns: readonly OutgoingTurn[]): readonly Json[] {
  const offered = [...(request.tools ?? []).map((tool) => toolToWire(tool, names)), ...(config.serverTools ?? [])];
  return offered.length > 0 ? offered : toolsCalled(turns);
}

function inferenceConfig(config: BedrockConfig, { maxTokens = config.maxTokens, temperature, stopSequences = [] }: ModelRequest): JsonObject {
  const inference = {
    ...(maxTokens === undefined ? {} : { maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(stopSequences.length === 0 ? {} : { stopSequences }),
  };
  return Object.keys(inference).length === 0 ? {} : { inferenceConfig: inference };
}

/** The members of both; where both hold an object under one name, its members too: `inferenceConfig: { topP }` adds to ours. */
function merge(body: JsonObject, extra: JsonObject | undefined): JsonObject {
  if (extra === undefined) return body;
  const merged = Object.entries(extra).map(([name, value]) => {
    const before = body[name];
    return [name, isObject(before) && isObject(value) ? { ...before, ...value } : value] as const;
  });
  return { ...body, ...Object.fromEntries(merged) };
}

/** The body of `POST /model/…/converse-stream` for one turn. */
export function buildRequest(config: BedrockConfig, request: ModelRequest): BuiltRequest {
  const { instructions = '', messages } = request;
  const names = requestToolNames(request);
  const sent = outgoing(messages, { ...serviceForm(), toolName: names.toWire });
  const { system, tools, turns } = withCachePoints(
    {
      system: instructions.trim() === '' ? [] : [{ text: wellFormed(instructions) }],
      tools: toolsOf(config, request, names, sent.turns),
      turns: sent.turns,
    },
    config.cache,
  );
  const offers = (request.tools ?? []).length + (config.serverTools ?? []).length > 0;
  const body: JsonObject = {
    messages: turns.map(({ role, content }): Json => ({ role, content })),
    ...(system.length === 0 ? {} : { system }),
    ...inferenceConfig(config, request),
    ...(tools.length === 0 ? {} : { toolConfig: { tools, ...(offers ? toolChoice(request.toolChoice, names) : {}) } }),
    ...(config.thinking === undefined ? {} : { additionalModelRequestFields: { thinking: config.thinking } }),
  };
  return { body: merge(merge(body, config.extra), request.extra), names, metadata: omittedMetadata(sent.omitted) };
}
