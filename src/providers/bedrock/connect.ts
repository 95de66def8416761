import { AuthenticationError, ConfigurationError } from '../../errors/errors.js';
import { messageOf } from '../../errors/describe.js';
import { memberOf } from '../../errors/system-error.js';
import { loadPackage } from '../../internal/load-package.js';
import type { JsonObject } from '../../events/json.js';
import type { BedrockClient, BedrockConfig } from './config.js';
import { http2Handler } from './http2-handler.js';
import { SameAgain } from './same-again.js';

/** A client, and how to make what it sends. */
export interface Connection {
  readonly client: BedrockClient;
  /** A command of the client's own kind that asks for a stream. */
  readonly command: (input: JsonObject) => Promise<object>;
  /** For a client that we made: makes its later requests like its first. */
  readonly sameAgain?: SameAgain;
}

/** Longer than any turn: limits of time belong to the decorators, where they can be seen. */
const NO_TIMEOUT_MS = 24 * 60 * 60 * 1000;

const loadSdk = () => loadPackage('@aws-sdk/client-bedrock-runtime', 'pass a client to bedrock()', () => import('@aws-sdk/client-bedrock-runtime'));

const loadHandlers = () => loadPackage('@smithy/node-http-handler', "leave handler: 'http1' out", () => import('@smithy/node-http-handler'));

async function requestHandler({ handler = 'http2' }: BedrockConfig): Promise<object> {
  // Each stream has a session of its own, so that stopping one closes its connection and no other's.
  if (handler === 'http2') return http2Handler() ?? { disableConcurrentStreams: true, sessionTimeout: NO_TIMEOUT_MS };
  const { NodeHttpHandler } = await loadHandlers();
  // No queue of requests that nobody can see.
  const agent = { maxSockets: Infinity };
  return new NodeHttpHandler({ socketTimeout: 0, httpAgent: agent, httpsAgent: agent });
}

/** Refuses an address that no request can be sent to; it is not repeated, since it may hold a password. */
function checkEndpoint(endpoint: string | undefined): void {
  if (endpoint === undefined) return;
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ConfigurationError('The endpoint is not an address that begins with http:// or https://');
  }
  if (url.username !== '' || url.password !== '') {
    throw new ConfigurationError('The endpoint holds a user name or a password, which is never sent: pass it in headers');
  }
}

/** A copy of what was given: the SDK notes in it where it came from. */
function copyOf(credentials: NonNullable<BedrockConfig['credentials']>): NonNullable<BedrockConfig['credentials']> {
  if (typeof credentials === 'object') return { ...credentials };
  return async () => {
    try {
      return { ...(await credentials()) };
    } catch (error) {
      // What the SDK's own search says is told in its own way.
      if (/ProviderError$/.test(String(memberOf(error, 'name')))) throw error;
      throw new AuthenticationError(`The function that gives the credentials failed: ${messageOf(error)}`);
    }
  };
}

async function make(config: BedrockConfig): Promise<Connection> {
  const { region, endpoint, credentials } = config;
  checkEndpoint(endpoint);
  const { BedrockRuntimeClient, ConverseStreamCommand } = await loadSdk();
  const client = new BedrockRuntimeClient({
    maxAttempts: 1,
    requestHandler: await requestHandler(config),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    // What was asked for in so many words comes before what stands in the environment.
    ...(credentials === undefined ? {} : { credentials: copyOf(credentials), authSchemePreference: ['sigv4'] }),
  });
  return { client, command: (input) => Promise.resolve(construct(ConverseStreamCommand, input)), sameAgain: new SameAgain(client) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The body goes past the SDK's own types, which do not know all that the service takes. */
function construct(Command: new (...input: never) => object, input: JsonObject): object {
  const made: unknown = Reflect.construct(Command, [input]);
  return isObject(made) ? made : {};
}

/** The command that the client itself makes for one of its methods: called on a shadow whose `send` keeps it. */
async function ownCommand(client: BedrockClient, input: JsonObject): Promise<object | undefined> {
  const method = memberOf(client, 'converseStream');
  if (typeof method !== 'function') return undefined;
  let kept: unknown;
  const keep = (command: unknown): Promise<unknown> => {
    kept = command;
    return Promise.resolve({});
  };
  await Reflect.apply(method, Object.create(client, { send: { value: keep } }), [input]);
  return isObject(kept) ? kept : undefined;
}

/** What the caller's client sends. One that is no client of the SDK, as a test may pass, gets what it would be asked for. */
async function commandFor(client: BedrockClient, input: JsonObject): Promise<object> {
  const own = await ownCommand(client, input);
  if (own !== undefined) return own;
  if (memberOf(client, 'middlewareStack') === undefined) return { input };
  const { ConverseStreamCommand } = await loadSdk();
  return construct(ConverseStreamCommand, input);
}

/**
 * Connects a configuration: the caller's client, or one that is made at the first call and then kept, since it keeps
 * the credentials that it has found. A failure is not kept: the next call tries again.
 */
export function connector(config: BedrockConfig): () => Promise<Connection> {
  const { client } = config;
  if (client !== undefined) return () => Promise.resolve({ client, command: (input) => commandFor(client, input) });
  let made: Promise<Connection> | undefined;
  return () => {
    made ??= make(config).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
