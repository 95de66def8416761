import type { JsonObject } from '../../events/json.js';

/** What the SDK's handlers give back: a response of HTTP, and what was made of it. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  body: unknown;
}

interface Arguments {
  readonly input?: unknown;
  readonly request?: unknown;
}

interface Result {
  readonly response?: HttpResponse | undefined;
}

type Handler = (args: Arguments) => Promise<Result>;

export type Middleware = (next: Handler, context: object) => Handler;

interface Placing {
  readonly step: 'initialize' | 'serialize' | 'build' | 'finalizeRequest' | 'deserialize';
  readonly priority?: 'high' | 'normal' | 'low';
  readonly name: string;
}

interface MiddlewareStack {
  add(middleware: Middleware, placing: Placing): unknown;
  clone(): MiddlewareStack;
  remove(name: string): boolean;
}

/** What is asked of a command of the SDK: every one of them fits. */
export interface SdkCommand {
  readonly middlewareStack: MiddlewareStack;
  resolveMiddleware(stack: MiddlewareStack, configuration: unknown, options: unknown): unknown;
}

interface Outgoing {
  readonly model: string;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Whether this is a command that goes through middleware; a stand-in's need not. */
export function isCommand(command: object): command is SdkCommand {
  return 'middlewareStack' in command && 'resolveMiddleware' in command && typeof command.resolveMiddleware === 'function';
}

/** A request as the SDK makes and signs it. */
export interface HttpRequest {
  body: unknown;
  headers: Record<string, unknown>;
}

export function isRequest(value: unknown): value is HttpRequest {
  return isRecord(value) && isRecord(value['headers']) && 'body' in value;
}

/** The SDK serialises what it knows; the model's id, which is part of the address, is all that it needs to know. */
const onlyModel =
  ({ model }: Outgoing): Middleware =>
  (next) =>
  (args) =>
    next({ ...args, input: { modelId: model } });

/** Puts the body in as it is, before its length is told and before it is signed. */
const ownBody =
  ({ body }: Outgoing): Middleware =>
  (next) =>
  (args) => {
    if (isRequest(args.request)) args.request.body = JSON.stringify(body);
    return next(args);
  };

/** Adds the headers that were asked for, over the client's own. */
const ownHeaders =
  ({ headers }: Outgoing): Middleware =>
  (next) =>
  (args) => {
    if (isRequest(args.request)) {
      const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
      const others = Object.entries(args.request.headers).filter(([name]) => !names.has(name.toLowerCase()));
      const own = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
      args.request.headers = Object.fromEntries([...others, ...own]);
    }
    return next(args);
  };

const passOn: Middleware = (next) => next;

/** The client's own stack stays as it is; the place of what repeats requests is kept, since others stand beside it. */
function withoutRetries(stack: MiddlewareStack): MiddlewareStack {
  const copy = stack.clone();
  const name = 'retryMiddleware';
  if (copy.remove(name)) copy.add(passOn, { name, step: 'finalizeRequest', priority: 'high' });
  return copy;
}

/** Makes a command send our body once, and hand its answer to the given middleware before any other sees it. */
export function attach(command: SdkCommand, outgoing: Outgoing, takingAnswer: Middleware): void {
  const stack = command.middlewareStack;
  // Last of their steps, so that loggers and tracers see the whole input and the client's headers are there already.
  stack.add(onlyModel(outgoing), { step: 'initialize', priority: 'low', name: 'coldstreamModel' });
  stack.add(ownBody(outgoing), { step: 'build', priority: 'high', name: 'coldstreamBody' });
  stack.add(ownHeaders(outgoing), { step: 'build', priority: 'low', name: 'coldstreamHeaders' });
  stack.add(takingAnswer, { step: 'deserialize', priority: 'low', name: 'coldstreamAnswer' });
  const resolve = command.resolveMiddleware.bind(command);
  Object.defineProperty(command, 'resolveMiddleware', {
    value: (clients: MiddlewareStack, configuration: unknown, options: unknown) => resolve(withoutRetries(clients), configuration, options),
  });
}
