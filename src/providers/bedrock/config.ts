import type { JsonObject } from '../../events/json.js';

/** What the provider asks of an SDK client: any `BedrockRuntimeClient` or `BedrockRuntime` fits. */
export interface BedrockClient {
  send(command: object, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>;
}

/** Keys of an AWS account. */
export interface BedrockCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** When they stop being good: they are asked for again before that. */
  readonly expiration?: Date;
}

export interface BedrockConfig {
  /** The id of a model or of an inference profile, or its ARN. */
  readonly model: string;
  /**
   * A client that the caller made; `region`, `endpoint`, `credentials` and `handler` are then its own business. Its
   * middleware, logger and handler are used, its retries are not: `retrying` does that where it can be seen. The client
   * itself is not changed.
   *
   * The SDK is not loaded from here then, but for one class of it, and only where the client is a bare
   * `BedrockRuntimeClient`: a `BedrockRuntime` brings its commands along.
   */
  readonly client?: BedrockClient | undefined;
  /** Default: what the SDK finds, `AWS_REGION` first. */
  readonly region?: string | undefined;
  /** Where the service is. Default: the region's own address. */
  readonly endpoint?: string | undefined;
  /** Default: what the SDK finds: the environment, a profile, a role. Given, they come before a token of the environment. */
  readonly credentials?: BedrockCredentials | (() => Promise<BedrockCredentials>) | undefined;
  /**
   * How the client that is made here speaks to the service. Default `http2`, which the service prefers; `http1` is for
   * what stands before it and cannot do that, and needs the package `@smithy/node-http-handler`.
   */
  readonly handler?: 'http2' | 'http1' | undefined;
  /** The most tokens to answer with, where the request does not say. Default: the model's own. */
  readonly maxTokens?: number | undefined;
  /** Sent as `additionalModelRequestFields.thinking`: `{ type: 'enabled', budget_tokens: 4096 }`, say. */
  readonly thinking?: JsonObject | undefined;
  /** Where to mark what may be cached: `auto`, or for how long. Default: nowhere. */
  readonly cache?: 'auto' | { readonly ttl: '5m' | '1h' } | undefined;
  /** Sent and signed with each request, over the client's own of the same name; `authorization` stays the client's. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Specifications of tools that the service runs itself, sent as they are after the request's own tools: `{ systemTool: { name: 'nova_grounding' } }`. */
  readonly serverTools?: readonly JsonObject[] | undefined;
  /** Goes into the request body as it is, over everything else; a request's own `extra` goes over it. */
  readonly extra?: JsonObject | undefined;
}
