/**
 * Where a client's messages pass. Coldstream looks at what comes in (progress, the end of the connection, a changed
 * list of tools) and at the ids of what goes out, and leaves both as they are.
 */
export interface McpTransport {
  send(message: unknown, options?: unknown): Promise<void>;
  onmessage?: MessageHandler | undefined;
  onclose?: (() => void) | undefined;
}

// The SDKs type the message more narrowly; a method is compared in both directions, so that their handlers fit.
type MessageHandler = { handle(message: unknown, extra?: unknown): void }['handle'];

/**
 * All that is asked of an MCP client. `Client` of `@modelcontextprotocol/sdk` and of `@modelcontextprotocol/client`
 * both fit; hand one over when it is connected.
 */
export interface McpClient {
  /** Set from `connect` to the connection's end. */
  readonly transport?: McpTransport | undefined;
  /** Sends a request and checks the result with the given schema (a Standard Schema with zod's `safeParse`). */
  request(request: McpRequest, resultSchema: unknown, options?: McpRequestOptions): Promise<unknown>;
}

export interface McpRequest {
  readonly method: string;
  readonly params?: { [member: string]: unknown };
}

export interface McpRequestOptions {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
}

interface Accepted {
  readonly success: true;
  readonly data: unknown;
}

/**
 * A result schema that accepts anything, in the two forms that the SDKs ask for. Their own schemas refuse a whole
 * result for one content type that they do not know.
 */
export const anyResult = {
  safeParse: (data: unknown): Accepted => ({ success: true, data }),
  '~standard': { version: 1, vendor: 'coldstream', validate: (value: unknown) => ({ value }) },
} as const;

/** The longest delay that a timer takes: time limits are the agent's, not the SDK's 60 seconds. */
export const noTimeout = 2_147_483_647;
