// `for await` over a run. An Observable pushes and a loop pulls: what the loop has not taken yet is kept, and when much
// waits the connection is paused. Leaving the loop unsubscribes the run.
import assert from 'node:assert/strict';
import { agent, toAsyncIterable, type Provider } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { finalize } from 'rxjs';

let open = 0;
const provider: Provider = (request) => {
  open += 1;
  const turns = [textTurn('One, ', 'two, ', 'three.')];
  return scriptedProvider(turns, { pace: 20 })(request).pipe(finalize(() => (open -= 1)));
};
const ask = agent({ provider });

async function main(): Promise<void> {
  let text = '';
  for await (const piece of toAsyncIterable(ask('Count to three.').pipe(textOnly()))) {
    process.stdout.write(piece);
    text += piece;
  }
  console.log();
  assert.equal(text, 'One, two, three.');

  for await (const event of toAsyncIterable(ask('Count to three.'))) {
    if (event.type !== 'text_delta') continue;
    console.log(`${event.content} … that will do`);
    assert.equal(open, 1);
    break;
  }
  assert.equal(open, 0);
  process.exitCode = 0;
}

// Until the end is reached the program counts as failed: a loop that waits for ever would end it without an error.
process.exitCode = 1;
void main();
