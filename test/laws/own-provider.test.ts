import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ConnectionError, eventFactory, isColdstreamError, TruncatedStreamError, type ModelRequest, type Provider, type StreamEvent } from 'coldstream';
import { providerLaws, type LawBench, type LawExchange, type LawTurn } from 'coldstream/testing';
import { catchError, Observable, throwError } from 'rxjs';

// The provider: a service that answers in lines, one piece of text each. The line `.` is the last.

async function ask(url: string, request: ModelRequest, tell: (event: StreamEvent) => void, signal: AbortSignal): Promise<void> {
  const create = eventFactory(request, 'parrot');
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(request.messages), signal });
  request.onAnswer?.();
  const utf8 = new TextDecoder();
  let [text, unread] = ['', ''];
  try {
    for await (const chunk of response.body ?? []) {
      const lines = (unread + utf8.decode(chunk, { stream: true })).split('\n');
      unread = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '.') {
          tell(create({ type: 'message', message: { role: 'assistant', content: [{ type: 'text', text }] } }));
          return;
        }
        text += line;
        tell(create({ type: 'text_delta', content: line, block: 0 }));
      }
    }
  } catch (cause) {
    throw new ConnectionError('The connection broke', { cause, partial: text !== '' });
  }
  throw new TruncatedStreamError('The stream ended without its last line', { partial: text !== '' });
}

const parrot =
  (url: string): Provider =>
  (request) =>
    new Observable<StreamEvent>((subscriber) => {
      const controller = new AbortController();
      const tell = (event: StreamEvent): void => subscriber.next(event);
      ask(url, request, tell, controller.signal).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
      return () => controller.abort();
    }).pipe(catchError((cause: unknown) => throwError(() => (isColdstreamError(cause) ? cause : new ConnectionError('No connection', { cause })))));

// The subject: the provider, and a service that does as the laws say.

interface ParrotTurn extends LawTurn {
  readonly lines: readonly string[];
}

async function exchange({ lines }: ParrotTurn, request: IncomingMessage, response: ServerResponse): Promise<LawExchange> {
  let [body, closed] = ['', false];
  response.once('close', () => (closed = true));
  for await (const chunk of request) body += String(chunk);
  return {
    body: JSON.parse(body),
    closed: () => closed,
    answer: () => response.writeHead(200).flushHeaders(),
    send: (frames) => void response.write(frames.map((frame) => `${lines[frame] ?? ''}\n`).join('')),
    end: () => void response.end(),
    break: () => void response.socket?.resetAndDestroy(),
  };
}

const open = (turn: ParrotTurn): Observable<LawBench> =>
  new Observable((subscriber) => {
    const exchanges: LawExchange[] = [];
    const server = createServer((request, response) => void exchange(turn, request, response).then((each) => exchanges.push(each)));
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      subscriber.next({ provider: parrot(`http://127.0.0.1:${String(port)}`), exchanges: () => exchanges });
    });
    return () => {
      server.close();
      server.closeAllConnections();
    };
  });

providerLaws<ParrotTurn>({
  name: 'parrot',
  turns: [
    {
      name: 'two lines',
      lines: ['Polly', ' wants', '.'],
      tells: [['text_delta'], ['text_delta'], ['message']],
      sentBack: { role: 'assistant', content: [{ type: 'text', text: 'Polly wants' }] },
    },
  ],
  open,
  breaks: ['a reset'],
  sentBack: (body) => {
    const message: unknown = Array.isArray(body) ? body[1] : undefined;
    return message;
  },
});
