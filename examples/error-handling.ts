// Error handling: a run that fails says so by its last event; operators that leave the events behind raise an Rx error.
import assert from 'node:assert/strict';
import { agent, isColdstreamError, isTerminal } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mockModelServer } from 'coldstream/mock-server';
import { textOnly } from 'coldstream/operators';
import { catchError, concat, endWith, of, switchMap, takeWhile, tap } from 'rxjs';

const seen: string[] = [];
const say = (line: string): void => {
  seen.push(line);
  console.log(line);
};

// The service refuses every request.
const refuse = () => ({ error: { status: 401, type: 'authentication_error', message: 'invalid x-api-key' } });

mockModelServer({ script: refuse })
  .pipe(
    switchMap(({ url }) => {
      const ask = agent({ provider: anthropic({ model: 'claude-sonnet-5', baseURL: url, apiKey: 'wrong' }) });
      return concat(
        // As events: nothing is thrown, the failure is the last of them.
        ask('Hello').pipe(
          tap((event) => {
            if (event.type === 'error') say(`event: ${event.content.code}, retryable: ${event.content.retryable}`);
            if (isTerminal(event)) say(`the run ended with ${event.type}`);
          }),
        ),
        // As text: half an answer must not look like a whole one, so the failure is an Rx error, and catchError sees it.
        ask('Hello').pipe(
          textOnly(),
          catchError((error: unknown) => {
            say(`caught: ${isColdstreamError(error) ? error.code : 'something else'}`);
            return of('Sorry, I cannot answer now.');
          }),
          tap((text) => say(`shown: ${text}`)),
        ),
      ).pipe(endWith('over'));
    }),
    // The server stops when both runs are over.
    takeWhile((value) => value !== 'over'),
  )
  .subscribe();

process.on('exit', () => {
  assert.deepEqual(seen, [
    'event: authentication, retryable: false',
    'the run ended with error',
    'caught: authentication',
    'shown: Sorry, I cannot answer now.',
  ]);
});
