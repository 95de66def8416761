import type { ErrorCode } from '../errors/codes.js';
import { printableLine } from './printable.js';

const hints: Readonly<Partial<Record<ErrorCode, string>>> = {
  authentication: 'Set ANTHROPIC_API_KEY to a key that is valid for this service.',
  connection: 'Is --base-url right, and can it be reached from here?',
  timeout: 'Run it again, or look at the state of the service.',
  rate_limit: 'Wait a while and run it again.',
  overloaded: 'Wait a while and run it again.',
  server: 'Wait a while and run it again.',
  truncated: 'Run it again.',
  invalid_request: 'Check --model and the prompt.',
  tool_source: 'Check the --mcp command: does it start an MCP server?',
};

/** What went wrong and what to do, on one line. */
export function failureLine({ error, code }: { readonly error: string; readonly code: ErrorCode }, attempts = 1): string {
  // The connection may be that to a tool server, where the address of the model is not to blame.
  const known = code === 'connection' && error.includes('MCP') ? hints.tool_source : hints[code];
  const message = printableLine(error, 500);
  // The error itself may say what to do.
  const hint = code === 'authentication' && message.includes('ANTHROPIC_API_KEY') ? undefined : known;
  const said = attempts === 1 ? message : `${message.replace(/\.$/, '')} (${attempts} attempts)`;
  const sentence = /[.!?\u2026]$/u.test(said) ? said : `${said}.`;
  return `coldstream: ${hint === undefined ? sentence : `${sentence} ${hint}`}`;
}
