import type { ContentBlock } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';
import type { StreamEvent, ToolResult } from './events.js';
import { isJson } from './json-guard.js';
import type { Json, JsonObject } from './json.js';

/** The nine types of events that mcp-agent streams. */
export type McpAgentEventType =
  | 'iteration_start'
  | 'text_delta'
  | 'thinking'
  | 'tool_use_start'
  | 'tool_result'
  | 'tool_use_end'
  | 'iteration_end'
  | 'complete'
  | 'error';

/** Token counts as mcp-agent writes them. */
export interface McpAgentUsage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  /** Only where tokens came from the cache. */
  readonly cache_read_input_tokens?: number;
  /** Only where tokens went to the cache. */
  readonly cache_creation_input_tokens?: number;
}

/**
 * One event in mcp-agent's own JSON. `content` by type: a text for `text_delta` and `thinking`; `{ id, name, input }` for
 * `tool_use_start`; `{ id, name, is_error, content }` for `tool_result`; `{ error }` for `error`; else null.
 */
export interface McpAgentEvent {
  readonly type: McpAgentEventType;
  readonly content: string | JsonObject | null;
  /** From 0. */
  readonly iteration: number;
  readonly metadata: JsonObject;
  /** Seconds since the epoch, with a fraction. */
  readonly timestamp: number;
  readonly model: string | null;
  /** Only at the end of an iteration and of the run. */
  readonly stop_reason: string | null;
  /** Only at the end of an iteration and of the run. */
  readonly usage: McpAgentUsage | null;
}

/** By this name blocks of a tool's result that only mcp-agent knows are kept. */
export const mcpAgentProvider = 'mcp-agent';

/**
 * The event in mcp-agent's own JSON, or null where that has none: for the types that it does not know (`run_start`,
 * `tool_progress`, `usage`, `retry` …) and for the events of sub-agents, whose text and end a client that knows no paths
 * would take for the run's own. What has no place there is left out: `runId`, `seq`, `block`, a result's `structured` and
 * `durationMs`, an error's code, the messages of the run.
 *
 * @param event Any event.
 */
export function toMcpAgent(event: StreamEvent): McpAgentEvent | null {
  if (event.path.length > 0) return null;
  switch (event.type) {
    case 'iteration_start':
    case 'tool_use_end':
      return guideEvent(event, event.type, null);
    case 'text_delta':
    case 'thinking':
      return guideEvent(event, event.type, event.content);
    case 'tool_use_start': {
      const { id, name, input } = event.content;
      return guideEvent(event, event.type, { id, name, input });
    }
    case 'tool_result':
      return guideEvent(event, event.type, resultContent(event.content));
    case 'iteration_end':
    case 'complete':
      return { ...guideEvent(event, event.type, null), stop_reason: event.stopReason, usage: usageToMcpAgent(event.usage) };
    case 'error':
      return { ...guideEvent(event, event.type, { error: event.content.error }), usage: usageToMcpAgent(event.usage) };
    default:
      return null;
  }
}

function guideEvent(event: StreamEvent, type: McpAgentEventType, content: McpAgentEvent['content']): McpAgentEvent {
  const { iteration, metadata, timestamp, model } = event;
  return { type, content, iteration, metadata, timestamp: secondsOf(timestamp), model, stop_reason: null, usage: null };
}

function resultContent({ id, name, isError, content }: ToolResult['content']): JsonObject {
  return { id, name, is_error: isError, content: content.map(resultBlock) };
}

/** Text and images as MCP writes them; what mcp-agent sent goes back as it came, and what it does not know as it is. */
function resultBlock(block: ContentBlock): Json {
  if (block.type === 'text') return { type: 'text', text: block.text };
  if (block.type === 'image' && block.source.type === 'base64') {
    return { type: 'image', data: block.source.data, mimeType: block.source.mediaType };
  }
  if (block.type === 'provider' && block.provider === mcpAgentProvider) return block.block;
  return isJson(block) ? block : { type: 'text', text: `[${block.type}]` };
}

function usageToMcpAgent(usage: Usage | null): McpAgentUsage | null {
  if (usage === null) return null;
  return {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    ...(usage.cacheReadTokens > 0 ? { cache_read_input_tokens: usage.cacheReadTokens } : {}),
    ...(usage.cacheWriteTokens > 0 ? { cache_creation_input_tokens: usage.cacheWriteTokens } : {}),
  };
}

/** Whole microseconds on the way, as Python's clock has them: dividing by them rounds once, so nothing creeps in. */
function secondsOf(milliseconds: number): number {
  const microseconds = Math.round(milliseconds * 1_000);
  return Number.isSafeInteger(microseconds) ? microseconds / 1_000_000 : milliseconds / 1_000;
}
