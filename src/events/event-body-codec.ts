import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { ErrorCode } from '../errors/codes.js';
import { contentBlockPart } from '../messages/content-block-codec.js';
import { messagePart } from '../messages/message-codec.js';
import { usagePart } from '../messages/usage-codec.js';
import type * as Events from './events.js';
import { jsonPart } from './json-codec.js';
import { count, heldTo, list, nullable, oneOf, optional, struct } from './struct-codec.js';
import type { CodecTable } from './tagged-codec.js';

const usage = nullable(usagePart);
const stopReason = nullable(t.string);
const messages = list(messagePart);
const call = { id: t.string, name: t.string };

const knownErrorCode = oneOf<ErrorCode>({
  connection: true,
  timeout: true,
  authentication: true,
  rate_limit: true,
  overloaded: true,
  server: true,
  invalid_request: true,
  truncated: true,
  protocol: true,
  model: true,
  output: true,
  aborted: true,
  configuration: true,
  tool_source: true,
  history: true,
  history_busy: true,
  callback: true,
  discarded: true,
  overflow: true,
  unknown: true,
});

/** A code that a newer version added is `unknown` here: the failure that it tells of must still arrive. */
const errorCode: t.Type<ErrorCode> = new t.Type<ErrorCode>(
  'ErrorCode',
  knownErrorCode.is,
  (value, context) => {
    const known = knownErrorCode.validate(value, context);
    return E.isLeft(known) && typeof value === 'string' ? t.success('unknown') : known;
  },
  t.identity,
);

/** The codec of each event without its envelope, held to the hand-written type. A new event adds its line here. */
export const eventBodies: CodecTable<Events.EventBody> = {
  run_start: heldTo<Events.RunStart>()(
    struct('StreamEvent<run_start>', {
      type: t.literal('run_start'),
      input: messages,
      historyLength: count,
      name: optional(t.string),
      threadId: optional(t.string),
    }),
  ),
  iteration_start: heldTo<Events.IterationStart>()(struct('StreamEvent<iteration_start>', { type: t.literal('iteration_start') })),
  text_delta: heldTo<Events.TextDelta>()(
    struct('StreamEvent<text_delta>', { type: t.literal('text_delta'), content: t.string, block: count }),
  ),
  thinking: heldTo<Events.Thinking>()(
    struct('StreamEvent<thinking>', { type: t.literal('thinking'), content: t.string, block: count }),
  ),
  citation: heldTo<Events.Citation>()(
    struct('StreamEvent<citation>', { type: t.literal('citation'), content: jsonPart, block: count }),
  ),
  tool_input_start: heldTo<Events.ToolInputStart>()(
    struct('StreamEvent<tool_input_start>', { type: t.literal('tool_input_start'), content: struct('ToolCall', call), block: count }),
  ),
  tool_input_delta: heldTo<Events.ToolInputDelta>()(
    struct('StreamEvent<tool_input_delta>', {
      type: t.literal('tool_input_delta'),
      content: struct('InputDelta', { id: t.string, delta: t.string }),
      block: count,
    }),
  ),
  tool_use_start: heldTo<Events.ToolUseStart>()(
    struct('StreamEvent<tool_use_start>', {
      type: t.literal('tool_use_start'),
      content: struct('ToolCall', {
        ...call,
        input: jsonPart,
        inputError: optional(struct('InputError', { text: t.string, message: t.string })),
      }),
    }),
  ),
  tool_progress: heldTo<Events.ToolProgress>()(
    struct('StreamEvent<tool_progress>', {
      type: t.literal('tool_progress'),
      content: struct('Progress', {
        ...call,
        progress: optional(t.number),
        total: optional(t.number),
        message: optional(t.string),
        partial: optional(jsonPart),
      }),
    }),
  ),
  tool_approval: heldTo<Events.ToolApproval>()(
    struct('StreamEvent<tool_approval>', {
      type: t.literal('tool_approval'),
      content: struct('Approval', {
        ...call,
        input: jsonPart,
        decision: oneOf<Events.ToolApproval['content']['decision']>({ requested: true, granted: true, denied: true }),
        reason: optional(t.string),
      }),
    }),
  ),
  tool_result: heldTo<Events.ToolResult>()(
    struct('StreamEvent<tool_result>', {
      type: t.literal('tool_result'),
      content: struct('ToolResult', {
        ...call,
        content: list(contentBlockPart),
        isError: t.boolean,
        structured: optional(jsonPart),
        durationMs: t.number,
      }),
    }),
  ),
  tool_use_end: heldTo<Events.ToolUseEnd>()(
    struct('StreamEvent<tool_use_end>', { type: t.literal('tool_use_end'), content: struct('ToolCall', call) }),
  ),
  server_tool_use: heldTo<Events.ServerToolUse>()(
    struct('StreamEvent<server_tool_use>', {
      type: t.literal('server_tool_use'),
      content: struct('ServerToolUse', { ...call, input: jsonPart, block: count }),
    }),
  ),
  server_tool_result: heldTo<Events.ServerToolResult>()(
    struct('StreamEvent<server_tool_result>', {
      type: t.literal('server_tool_result'),
      content: struct('ServerToolResult', { ...call, content: jsonPart, isError: t.boolean, block: count }),
    }),
  ),
  usage: heldTo<Events.UsageReport>()(struct('StreamEvent<usage>', { type: t.literal('usage'), usage: usagePart })),
  message: heldTo<Events.MessageEvent>()(
    struct('StreamEvent<message>', {
      type: t.literal('message'),
      message: messagePart,
      id: optional(t.string),
      stopReason: optional(stopReason),
      usage: optional(usage),
    }),
  ),
  retry: heldTo<Events.Retry>()(
    struct('StreamEvent<retry>', {
      type: t.literal('retry'),
      content: struct('Retry', {
        attempt: count,
        delayMs: t.number,
        error: struct('Failure', { code: errorCode, message: t.string }),
        discard: t.boolean,
        to: optional(t.string),
      }),
      usage,
    }),
  ),
  raw: heldTo<Events.Raw>()(
    struct('StreamEvent<raw>', { type: t.literal('raw'), content: struct('Raw', { provider: t.string, event: jsonPart }) }),
  ),
  custom: heldTo<Events.Custom>()(
    struct('StreamEvent<custom>', { type: t.literal('custom'), name: t.string, content: jsonPart }),
  ),
  iteration_end: heldTo<Events.IterationEnd>()(
    struct('StreamEvent<iteration_end>', { type: t.literal('iteration_end'), usage, stopReason }),
  ),
  complete: heldTo<Events.Complete>()(
    struct('StreamEvent<complete>', {
      type: t.literal('complete'),
      usage,
      stopReason,
      iterations: count,
      messages,
      output: optional(jsonPart),
      pending: optional(list(jsonPart)),
    }),
  ),
  error: heldTo<Events.ErrorEvent>()(
    struct('StreamEvent<error>', {
      type: t.literal('error'),
      content: struct('Failure', { error: t.string, code: errorCode, retryable: t.boolean, partial: t.boolean }),
      usage,
      messages,
    }),
  ),
};
