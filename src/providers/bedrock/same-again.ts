import { now } from '../../internal/clock.js';
import { memberOf } from '../../errors/system-error.js';
import type { BedrockClient } from './config.js';
import { isRecord, isRequest, type HttpRequest, type HttpResponse } from './middleware.js';

/** How long requests are made like one of the SDK's: what it looks up, an endpoint or a region, may change. */
const MOST_AGE_MS = 60_000;

/** Keys that end sooner than this are asked for again: the SDK does so at five minutes. */
const LEAST_LIFE_MS = 6 * 60_000;

/** What is of one request alone: its length, and what the signer makes. */
const OF_ONE_REQUEST: ReadonlySet<string> = new Set(['content-length', 'authorization', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token']);

/** Tells of the invocation of a Lambda that a request belongs to; the SDK takes it from the one that is under way. */
const OF_ONE_INVOCATION = 'x-amzn-trace-id';

/** What of the SDK's is asked to sign and to send: the signers and the handlers of all its clients fit. */
interface Signer {
  sign(request: object, identity: object, properties: object): Promise<unknown>;
}

interface RequestHandler {
  handle(request: object, options: { readonly abortSignal: AbortSignal }): Promise<{ readonly response: HttpResponse }>;
}

/** A request as the SDK makes them, to make others like it. */
interface Pattern {
  readonly request: HttpRequest;
  readonly signer: Signer;
  readonly identity: object;
  readonly properties: object;
  /** Until when. */
  readonly until: number;
}

/** A request that is signed and may be sent. */
export interface SignedRequest {
  readonly identity: object;
  readonly headers: Readonly<Record<string, unknown>>;
  send(signal: AbortSignal): Promise<HttpResponse>;
}

function isSigner(value: unknown): value is Signer {
  return typeof memberOf(value, 'sign') === 'function';
}

function isHandler(value: unknown): value is RequestHandler {
  return typeof memberOf(value, 'handle') === 'function';
}

/** What a signer is told besides, without the command, which would keep a conversation. */
function propertiesOf(scheme: unknown): object {
  const properties = memberOf(memberOf(scheme, 'httpAuthOption'), 'signingProperties');
  if (!isRecord(properties)) return {};
  const { context } = properties;
  if (!isRecord(context)) return properties;
  const smithy = context['__smithy_context'];
  return { ...properties, context: { ...context, ...(isRecord(smithy) ? { __smithy_context: { ...smithy, commandInstance: undefined } } : {}) } };
}

/** Until when keys can be used without asking. */
function lifeOf(identity: object): number {
  const expiration = memberOf(identity, 'expiration');
  return expiration instanceof Date ? expiration.getTime() - LEAST_LIFE_MS : Infinity;
}

/** None for a request that is no other's pattern. */
function patternOf(request: unknown, scheme: unknown, at: number): Pattern | undefined {
  const signer = memberOf(scheme, 'signer');
  const identity = memberOf(scheme, 'identity');
  if (!isRequest(request) || !isSigner(signer) || !isRecord(identity)) return undefined;
  const headers = Object.entries(request.headers).filter(([name]) => !OF_ONE_REQUEST.has(name.toLowerCase()));
  if (headers.some(([name]) => name.toLowerCase() === OF_ONE_INVOCATION)) return undefined;
  const until = Math.min(at + MOST_AGE_MS, lifeOf(identity));
  return { request: { ...request, headers: Object.fromEntries(headers), body: undefined }, signer, identity, properties: propertiesOf(scheme), until };
}

/**
 * Makes requests like one that the SDK has made: signed and sent by its own signer and handler, without the thirty steps
 * that come to the same each time. For a client that nobody else can have added a step to.
 */
export class SameAgain {
  #pattern: Pattern | undefined;
  readonly #handler: unknown;

  constructor(client: BedrockClient) {
    this.#handler = memberOf(memberOf(client, 'config'), 'requestHandler');
  }

  /** Takes a request of the SDK's for a pattern, and the way in which it was signed. */
  learn(request: unknown, scheme: unknown): void {
    this.#pattern = patternOf(request, scheme, now());
  }

  /** The next request is the SDK's to make: this one was refused, or could not be sent. */
  forget(): void {
    this.#pattern = undefined;
  }

  /** A request with this body; undefined where there is no pattern that is fresh. */
  async make(body: string): Promise<SignedRequest | undefined> {
    const pattern = this.#pattern;
    const handler = this.#handler;
    if (pattern === undefined || pattern.until <= now() || !isHandler(handler)) return undefined;
    const { request, signer, identity, properties } = pattern;
    const bytes = new TextEncoder().encode(body);
    const headers = { ...request.headers, 'content-length': String(bytes.length) };
    const signed = await signer.sign({ ...request, headers, body: bytes }, identity, properties);
    if (!isRequest(signed)) return undefined;
    return { identity, headers: signed.headers, send: async (abortSignal) => (await handler.handle(signed, { abortSignal })).response };
  }
}
