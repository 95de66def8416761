// `takeUntil` around a run: a stop button. It unsubscribes the run, which closes the model's request in silence, and
// what the conversation needs to go on is kept.
import assert from 'node:assert/strict';
import { agent, memoryHistory, type Provider } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { concat, defer, finalize, Subject, takeUntil } from 'rxjs';

const slow = scriptedProvider([textTurn('One, ', 'two, ', 'three, ', 'four, ', 'five.'), textTurn('As you like.')], { pace: 30 });
let open = 0;
const provider: Provider = (request) => {
  open += 1;
  return slow(request).pipe(finalize(() => (open -= 1)));
};
const history = memoryHistory();
const ask = agent({ provider, history });
const stopButton$ = new Subject<void>();
const shown: string[] = [];

concat(
  ask('Count to five.').pipe(textOnly(), takeUntil(stopButton$)),
  // The next question finds the history free and valid.
  defer(() => {
    console.log(`\nstopped; open requests: ${open}`);
    assert.equal(open, 0);
    return ask('Stop there.').pipe(textOnly());
  }),
).subscribe({
  next: (text) => {
    shown.push(text);
    process.stdout.write(text);
    if (shown.length === 3) stopButton$.next();
  },
  complete: () => console.log(),
});

process.on('exit', () => {
  assert.deepEqual(shown, ['One, ', 'two, ', 'three, ', 'As you like.']);
  assert.equal(open, 0);
  assert.deepEqual(history.messages().map(({ role }) => role), ['user', 'user', 'assistant']);
});
