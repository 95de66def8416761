// Server-Sent Events: a run is streamed to web clients, and a client that goes away stops its run.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer } from 'node:http';
import { agent, StreamEvent, type Provider } from 'coldstream';
import { pipeToResponse } from 'coldstream/sse';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { finalize, tap } from 'rxjs';

// A model that counts to a thousand if nobody stops it.
const numbers = Array.from({ length: 1_000 }, (_, index) => `${index + 1} `);
const model = new EventEmitter();
const provider: Provider = (request) => {
  let written = 0;
  const turn = JSON.stringify(request.messages).includes('three') ? textTurn('1 ', '2 ', '3') : textTurn(...numbers);
  return scriptedProvider([turn], { pace: 10 })(request).pipe(
    tap(() => (written += 1)),
    finalize(() => model.emit('closed', written)),
  );
};
const ask = agent({ provider });

const server = createServer((request, response) => {
  // An EventSource that lost its connection asks again. This answer makes it stop; a second run would cost again.
  if (request.headers['last-event-id'] !== undefined) {
    response.writeHead(204).end();
    return;
  }
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
  pipeToResponse(ask(searchParams.get('query') ?? 'Hello'), response);
});

/** What an `EventSource` does with the stream: the JSON of each `data` line. */
async function* eventsOf(response: Response): AsyncGenerator<StreamEvent> {
  let rest = '';
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const frames = (rest + text).split('\n\n');
    rest = frames.pop() ?? '';
    for (const frame of frames) {
      const data = frame.split('\n').find((line) => line.startsWith('data: '));
      const event: unknown = data === undefined ? undefined : JSON.parse(data.slice('data: '.length));
      if (StreamEvent.is(event)) yield event;
    }
  }
}

async function main(): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const url = `http://127.0.0.1:${address.port}/chat`;

  // A client that stays gets the whole run.
  const types: string[] = [];
  const response = await fetch(`${url}?query=${encodeURIComponent('Count to three.')}`);
  for await (const event of eventsOf(response)) {
    types.push(event.type);
    if (event.type === 'text_delta') console.log(`first client:  ${event.content}`);
  }
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.deepEqual(types, ['run_start', 'iteration_start', 'text_delta', 'text_delta', 'text_delta', 'usage', 'message', 'iteration_end', 'complete']);

  // A client that leaves stops the model.
  const closed = once(model, 'closed');
  for await (const event of eventsOf(await fetch(`${url}?query=Count`))) {
    if (event.type !== 'text_delta') continue;
    console.log(`second client: ${event.content}, and leaves`);
    break;
  }
  const [written]: readonly number[] = await closed;
  console.log(`the model stopped at ${written}`);
  assert.ok(written !== undefined && written < numbers.length);

  // A browser that connects again does not start a second run.
  const again = await fetch(url, { headers: { 'last-event-id': 'run:3' } });
  assert.equal(again.status, 204);
  server.close();
  server.closeAllConnections();
}

void main();
