import type { ErrorCode } from '../errors/codes.js';
import { printableLine } from './printable.js';
import type { ProviderName } from './services.js';

type Hints = Readonly<Partial<Record<ErrorCode, string>>>;

const common: Hints = {
  authentication: 'Check the keys of the service.',
  connection: 'Is --base-url right, and can it be reached from here?',
  timeout: 'Run it again, or look at the state of the service.',
  rate_limit: 'Wait a while and run it again.',
  overloaded: 'Wait a while and run it again.',
  server: 'Wait a while and run it again.',
  truncated: 'Run it again.',
  invalid_request: 'Check --model and the prompt.',
  tool_source: 'Check --mcp or --mcp-url: is there an MCP server?',
};

const hints: Readonly<Record<ProviderName, Hints>> = {
  anthropic: { ...common, authentication: 'Set ANTHROPIC_API_KEY to a key that is valid for this service.' },
  bedrock: {
    ...common,
    authentication: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or AWS_BEARER_TOKEN_BEDROCK to credentials that may call the model.',
    connection: 'Is AWS_REGION or --base-url right, and can the service be reached from here?',
    invalid_request: 'Check --model, whether AWS_REGION has it, and the prompt.',
  },
};

const namesKeys = /ANTHROPIC_API_KEY|AWS_ACCESS_KEY_ID/u;

/** What is known of a failure beside its event. */
export interface Circumstances {
  /** How often the turn was asked for. Default: 1. */
  readonly attempts?: number;
  /** Null where it is not known who was asked: in a recording. */
  readonly provider: ProviderName | null;
}

/** What went wrong and what to do, on one line. */
export function failureLine({ error, code }: { readonly error: string; readonly code: ErrorCode }, { attempts = 1, provider }: Circumstances): string {
  const known = provider === null ? common : hints[provider];
  const message = printableLine(error, 500);
  // The connection may be that to a tool server, where the address of the model is not to blame.
  const hint = known[code === 'connection' && error.includes('MCP') ? 'tool_source' : code];
  // The error itself may say what to do.
  const isSaid = code === 'authentication' && namesKeys.test(message);
  const said = attempts === 1 ? message : `${message.replace(/\.$/, '')} (${attempts} attempts)`;
  const sentence = /[.!?\u2026]$/u.test(said) ? said : `${said}.`;
  return `coldstream: ${hint === undefined || isSaid ? sentence : `${sentence} ${hint}`}`;
}
