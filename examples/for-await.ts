// `for await` over a run. An Observable pushes and a loop pulls, so something must keep what the loop has not taken yet:
// a ReadableStream does, everywhere. Leaving the loop cancels the stream, and that unsubscribes the run.
import assert from 'node:assert/strict';
import { agent, type Provider } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { finalize, Subscription, type Observable } from 'rxjs';

function streamOf<T>(source: Observable<T>): ReadableStream<T> {
  const subscription = new Subscription();
  return new ReadableStream<T>({
    start: (controller) => {
      subscription.add(
        source.subscribe({
          next: (value) => controller.enqueue(value),
          error: (error: unknown) => controller.error(error),
          complete: () => controller.close(),
        }),
      );
    },
    cancel: () => subscription.unsubscribe(),
  });
}

let open = 0;
const provider: Provider = (request) => {
  open += 1;
  const turns = [textTurn('One, ', 'two, ', 'three.')];
  return scriptedProvider(turns, { pace: 20 })(request).pipe(finalize(() => (open -= 1)));
};
const ask = agent({ provider });

async function main(): Promise<void> {
  let text = '';
  for await (const piece of streamOf(ask('Count to three.').pipe(textOnly()))) {
    process.stdout.write(piece);
    text += piece;
  }
  console.log();
  assert.equal(text, 'One, two, three.');

  for await (const event of streamOf(ask('Count to three.'))) {
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
