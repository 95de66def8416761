// Runs the controller in a real Nest application on loopback, with a scripted model: a client that reads to the end, one
// that leaves half-way, and one whose run fails.
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { NestFactory } from '@nestjs/core';
import { agent, AuthenticationError, type StreamEvent } from 'coldstream';
import { event, scriptedProvider, textTurn } from 'coldstream/testing';
import { concat, finalize, firstValueFrom, NEVER, of, ReplaySubject, timeout } from 'rxjs';
import { AnswersModule } from './answers.js';

const patience = 60_000;
const stopped = new ReplaySubject<string>(1);
const endless$ = concat(of(event.text('One, two')), NEVER).pipe(finalize(() => stopped.next('the request to the model')));
const provider = scriptedProvider([textTurn('It is ', 'noon.'), endless$, new AuthenticationError('The key has expired.')]);

const app = await NestFactory.create(AnswersModule.withAgent(agent({ provider })), { logger: ['error'] });
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();

/** The events of one answer as they arrive. To leave the loop is to leave the server. */
async function* answer(question: string): AsyncGenerator<{ id: string | undefined; event: StreamEvent }> {
  const response = await fetch(`${url}/answers?${new URLSearchParams({ question })}`, { signal: AbortSignal.timeout(patience) });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.ok(response.body);
  let rest = '';
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    const messages = (rest + text).split('\n\n');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (data !== undefined) yield { id: /^id: (.*)$/m.exec(message)?.[1], event: JSON.parse(data) };
    }
  }
}

let shown = '';
let last: StreamEvent | undefined;
for await (const { id, event } of answer('What time is it?')) {
  assert.equal(id, `${event.runId}:${event.seq}`);
  if (event.type === 'text_delta') shown += event.content;
  last = event;
}
assert.equal(shown, 'It is noon.');
assert.equal(last?.type, 'complete');

for await (const { event } of answer('How many stars are there?')) {
  if (event.type === 'text_delta') break;
}
assert.equal(await firstValueFrom(stopped.pipe(timeout(patience))), 'the request to the model');

for await (const { event } of answer('And in Lima?')) last = event;
assert.equal(last.type === 'error' && last.content.error, 'The key has expired.', 'a failed run says so in its last event');

provider.assertConsumed();
await app.close();
console.log('nestjs: an answer was streamed, and a client that left stopped its run');
