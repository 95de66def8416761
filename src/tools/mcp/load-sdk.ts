import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ConfigurationError } from '../../errors/errors.js';
import { codeOf } from './guards.js';

const missing: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** The part of the MCP SDK that is used here; an optional peer, so that only types name it before someone subscribes. */
export interface Sdk {
  readonly Client: typeof Client;
}

/** Loads the SDK; without it, an error that says what to install. */
export async function loadSdk(): Promise<Sdk> {
  try {
    return await import('@modelcontextprotocol/sdk/client/index.js');
  } catch (error) {
    if (!missing.has(codeOf(error))) throw error;
    throw new ConfigurationError(
      'MCP servers need the package @modelcontextprotocol/sdk, which is not installed: run npm install @modelcontextprotocol/sdk.',
      { cause: error },
    );
  }
}
