import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import type { ElicitationCompleteNotificationSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { ConfigurationError } from '../../errors/errors.js';
import { codeOf } from './guards.js';

const missing: ReadonlySet<unknown> = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND']);

/** The part of the MCP SDK that is used here; an optional peer, so that only types name it before someone subscribes. */
export interface Sdk {
  readonly Client: typeof Client;
  readonly ElicitRequestSchema: typeof ElicitRequestSchema;
  readonly ElicitationCompleteNotificationSchema: typeof ElicitationCompleteNotificationSchema;
}

/** Loads the SDK; without it, an error that says what to install. */
export async function loadSdk(): Promise<Sdk> {
  try {
    const [{ Client: client }, types] = await Promise.all([import('@modelcontextprotocol/sdk/client/index.js'), import('@modelcontextprotocol/sdk/types.js')]);
    const { ElicitRequestSchema: request, ElicitationCompleteNotificationSchema: complete } = types;
    return { Client: client, ElicitRequestSchema: request, ElicitationCompleteNotificationSchema: complete };
  } catch (error) {
    if (!missing.has(codeOf(error))) throw error;
    throw new ConfigurationError(
      'MCP servers need the package @modelcontextprotocol/sdk, which is not installed: run npm install @modelcontextprotocol/sdk.',
      { cause: error },
    );
  }
}
