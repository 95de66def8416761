import type { JsonObject } from '../../events/json.js';

/** What the provider asks of an SDK client: any client of `@anthropic-ai/sdk` fits. */
export interface AnthropicClient {
  readonly messages: {
    create(body: object, options: AnthropicRequestOptions): { asResponse(): Promise<Response> };
  };
}

/** How the provider calls the client: it never retries there, and no redirect is followed. */
export interface AnthropicRequestOptions {
  readonly signal: AbortSignal;
  readonly maxRetries: number;
  readonly timeout: number;
  readonly headers: Record<string, string>;
  readonly fetchOptions: { readonly redirect: 'manual' };
}

export interface AnthropicConfig {
  /** The model's name, as the service knows it. */
  readonly model: string;
  /**
   * A client of `@anthropic-ai/sdk` that the caller made; the SDK is then not loaded from here, and `baseURL`,
   * `apiKey` and `fetch` are the client's own business.
   */
  readonly client?: AnthropicClient | undefined;
  /** Where the service is. Default: `ANTHROPIC_BASE_URL`, or the public service. */
  readonly baseURL?: string | undefined;
  /** Default: what the SDK finds, `ANTHROPIC_API_KEY` first. */
  readonly apiKey?: string | undefined;
  /** The most tokens to answer with, where the request does not say. Default 8192, on top of a thinking budget. */
  readonly maxTokens?: number | undefined;
  /** Sent as it is: `{ type: 'enabled', budget_tokens: 4096 }`, say. */
  readonly thinking?: JsonObject | undefined;
  /**
   * Where to mark what the service may cache. `auto` marks the end of the system prompt (or of the tools, where there is
   * none) and the ends of the last two turns of the user, for five minutes; `{ ttl: '1h' }` says for how long, where an
   * hour costs more to write. Marks of the application's own (`cache_control` in `extra`, `serverTools` or a block's
   * `wire`) stay and count towards the service's limit of four. Default: nothing is marked.
   */
  readonly cache?: 'auto' | { readonly ttl: '5m' | '1h' } | undefined;
  /** Sent with each request, over the client's own headers of the same names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Used by the client that is made here. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Specifications of tools that the service runs itself, sent as they are after the request's own tools. */
  readonly serverTools?: readonly JsonObject[] | undefined;
  /**
   * Goes into the request body as it is, over everything else; a request's own `extra` goes over it. Only `betas`, a list
   * of names, goes where the service wants it: into the header `anthropic-beta`, after those that `headers` names there.
   */
  readonly extra?: JsonObject | undefined;
}
