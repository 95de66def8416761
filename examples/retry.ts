// `retry` around a run: the run is cold, so subscribing again runs it again, from the start.
// An agent already retries single requests that failed before an answer began; this is for the run as a whole.
import assert from 'node:assert/strict';
import { agent, OverloadedError } from 'coldstream';
import { untilError } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { retry, tap } from 'rxjs';

const overloaded = new OverloadedError('The service is overloaded.');
const provider = scriptedProvider([overloaded, overloaded, textTurn('At last.')]);
const runs = new Set<string>();
let text = '';

agent({ provider, resilience: false })('Hello')
  .pipe(
    tap(({ runId }) => runs.add(runId)),
    // A failed run ends with an event; retry needs an error.
    untilError(),
    retry({ count: 3, delay: 20 }),
  )
  .subscribe((event) => {
    if (event.type === 'run_start') console.log(`run ${runs.size}`);
    if (event.type !== 'text_delta') return;
    text += event.content;
    console.log(event.content);
  });

process.on('exit', () => {
  assert.equal(text, 'At last.');
  assert.equal(runs.size, 3);
  assert.equal(provider.requests.length, 3);
});
