import type { ObservableInput } from 'rxjs';
import { CallbackError, ConfigurationError } from '../errors/errors.js';
import { findJsonFault, isJson } from '../events/json-guard.js';
import type { Json } from '../events/json.js';
import type { ApprovalContext, ApprovalPolicy, ToolCall } from '../tools/types.js';

/** Whether a call may run, with what goes with it. */
export interface ApprovalAnswer {
  readonly decision: 'allow' | 'deny';
  /** Shown in the event; of a denial the model is told it too. */
  readonly reason?: string | undefined;
  /** With `'allow'`: what the tool is called with instead. The tool checks it as it checks any input. */
  readonly input?: Json | undefined;
}

type ApprovalValue = 'allow' | 'deny' | ApprovalAnswer;

/**
 * Decides whether a call may run; the input that it is shown is what the tool is called with. Of what it returns the first
 * value counts, and none at all denies.
 */
export type Approve = (call: ToolCall, context: ApprovalContext) => ApprovalValue | ObservableInput<ApprovalValue>;

/**
 * The policy for tools that have none of their own.
 *
 * @throws ConfigurationError where nobody could be asked
 */
export function defaultPolicy({ approve, approval }: { readonly approve?: Approve | undefined; readonly approval?: ApprovalPolicy | undefined }): ApprovalPolicy {
  if (approval === 'ask' && approve === undefined) throw new ConfigurationError("approval is 'ask', but nobody can be asked: set approve.");
  return approval ?? (approve === undefined ? 'allow' : 'ask');
}

/** Whether it is an answer itself, and not a source of one. */
export function isAnswer(given: ApprovalValue | ObservableInput<ApprovalValue>): given is ApprovalValue {
  return typeof given === 'string' || 'decision' in given;
}

/** @throws CallbackError for what is no answer */
export function toAnswer(value: unknown): ApprovalAnswer {
  if (value === 'allow' || value === 'deny') return { decision: value };
  const { decision, reason, input }: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
  if (decision !== 'allow' && decision !== 'deny') throw new CallbackError("approve must answer 'allow', 'deny' or { decision, reason?, input? }.");
  const answer: ApprovalAnswer = { decision, ...(typeof reason === 'string' ? { reason } : {}) };
  if (input === undefined) return answer;
  if (isJson(input)) return { ...answer, input };
  throw new CallbackError(`The input that approve answered with cannot be used: ${findJsonFault(input)?.reason ?? 'it is not JSON'}.`);
}
