import { isRecord } from './guards.js';

/** A JSON-RPC message, as it was read. */
export interface Message {
  readonly [member: string]: unknown;
}

/**
 * The SDKs drop an answer that is not formed as one, and whoever asked waits for ever: they are given an error in its
 * place.
 */
export function wellFormed(message: Message): Message {
  const { id, method, result, error } = message;
  if (method !== undefined || id === undefined || id === null || isRecord(result)) return message;
  if (isRecord(error) && Number.isSafeInteger(error['code']) && typeof error['message'] === 'string') return message;
  return { jsonrpc: '2.0', id, error: { code: -32_603, message: 'The MCP server answered with something that is not an answer.' } };
}

/** Whether the message answers a request for good; a server of protocol 2026-07-28 may ask back first. */
export function isAnswer(message: Message): boolean {
  if ('error' in message) return true;
  const { result } = message;
  return 'result' in message && !(isRecord(result) && result['resultType'] === 'input_required');
}
