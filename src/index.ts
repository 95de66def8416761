export { agent } from './agent/agent.js';
export { agentTool } from './agent/agent-tool.js';
export type { AgentToolOptions } from './agent/agent-tool.js';
export type { ApprovalAnswer, Approve } from './agent/approve.js';
export { decidedBy } from './agent/decided-by.js';
export type { DecidedByOptions, Decision } from './agent/decided-by.js';
export type { Budget } from './agent/budget.js';
export type { History } from './agent/history.js';
export { summarizing } from './agent/summarizing.js';
export type { SummaryOptions } from './agent/summarizing.js';
export { toAsyncIterable } from './agent/to-async-iterable.js';
export type { AsyncIterableOptions } from './agent/to-async-iterable.js';
export { trimming } from './agent/trimming.js';
export type { Agent, AgentInput, AgentOptions, RunParams, ToolSource } from './agent/options.js';
export type { RunSoFar, StopWhen } from './agent/stop-when.js';
export { errorCodes } from './errors/codes.js';
export type { ErrorCode } from './errors/codes.js';
export { isColdstreamError } from './errors/describe.js';
export {
  AbortedError,
  AuthenticationError,
  CallbackError,
  ColdstreamError,
  ConfigurationError,
  ConnectionError,
  DiscardedError,
  HistoryBusyError,
  HistoryError,
  InvalidRequestError,
  ModelError,
  OutputError,
  OverflowError,
  OverloadedError,
  ProtocolError,
  RateLimitError,
  RunError,
  ServerError,
  TimeoutError,
  ToolSourceError,
  TruncatedStreamError,
} from './errors/errors.js';
export type { ErrorDetails } from './errors/errors.js';
export { isEvent, isTerminal, isTopLevel, withEnvelope } from './events/construct.js';
export type { Envelope, EventBody, StreamEventOf, StreamEventType } from './events/events.js';
export type { Json, JsonObject } from './events/json.js';
export { explain } from './events/explain-codec.js';
export type { McpAgentEvent } from './events/mcp-agent.js';
export { StreamEventFromMcpAgent } from './events/mcp-agent-codec.js';
export { StreamEvent } from './events/stream-event-codec.js';
export { ContentBlock } from './messages/content-block-codec.js';
export { estimateTokens } from './messages/estimate-tokens.js';
export { foldMessage } from './messages/fold-message.js';
export { memoryHistory } from './messages/memory-history.js';
export type { MemoryHistory } from './messages/memory-history.js';
export { Message } from './messages/message-codec.js';
export { keepLast, keepTokens } from './messages/keep-end.js';
export type { ToolSpec } from './messages/message.js';
export { repairMessages } from './messages/repair.js';
export type { ModelPrices, Prices } from './messages/prices.js';
export { Usage } from './messages/usage-codec.js';
export { addUsage, totalInputTokens } from './messages/usage.js';
export { eventFactory, modelOf, named } from './provider.js';
export type { EventFactory, ModelRequest, Provider, ToolChoice } from './provider.js';
export type { RepeatWhen } from './resilience/attempts.js';
export { fallingBackTo } from './resilience/falling-back-to.js';
export type { FallbackFailure, FallbackOptions } from './resilience/falling-back-to.js';
export { limiting } from './resilience/limiting.js';
export type { LimitOptions } from './resilience/limiting.js';
export { retrying } from './resilience/retrying.js';
export type { RetryOptions } from './resilience/retrying.js';
export { timingOut } from './resilience/timing-out.js';
export type { TimeoutOptions } from './resilience/timing-out.js';
export type { InputOf, SchemaPair, StandardSchema, ToolInput } from './tools/input-type.js';
export { custom, progress } from './tools/signals.js';
export type { ProgressReport, ToolSignal } from './tools/signals.js';
export type { CommonToolOptions } from './tools/checked-tool.js';
export { tool } from './tools/tool.js';
export type { ToolOptions } from './tools/tool.js';
export { errorOutcome } from './tools/types.js';
export type { ApprovalContext, ApprovalPolicy, ApprovalRule, Tool, ToolAnnotations, ToolCall, ToolContext, ToolOutcome } from './tools/types.js';
