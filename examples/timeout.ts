// `timeout` around a run: an answer that stalls is given up, its request is closed, and something else is shown.
// `timingOut` guards single requests; this is a limit for whatever the run does, tools included.
import assert from 'node:assert/strict';
import { agent, type Provider } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { event } from 'coldstream/testing';
import { concat, finalize, NEVER, of, timeout } from 'rxjs';

let open = 0;
// A model that begins to answer and then says nothing any more.
const stalling: Provider = () => {
  open += 1;
  return concat(of(event.text('The answer is')), NEVER).pipe(finalize(() => (open -= 1)));
};
const shown: string[] = [];

agent({ provider: stalling })('What is the answer?')
  .pipe(
    textOnly(),
    timeout({ each: 200, with: () => of(' … I cannot say, something takes too long.') }),
  )
  .subscribe({
    next: (text) => {
      shown.push(text);
      process.stdout.write(text);
    },
    complete: () => console.log(`\nopen requests: ${open}`),
  });

process.on('exit', () => {
  assert.deepEqual(shown, ['The answer is', ' … I cannot say, something takes too long.']);
  assert.equal(open, 0);
});
