// Rate limiting: a model may write faster than a page should be drawn or a client be sent. `bufferTime` gathers what
// came in a moment into one update; nothing is lost, and the model is not held up.
import assert from 'node:assert/strict';
import { agent } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { bufferTime, filter, map } from 'rxjs';

const words = Array.from({ length: 100 }, (_, index) => `word${index + 1} `);
const updates: string[] = [];

agent({ provider: scriptedProvider([textTurn(...words)], { pace: 3 }) })('Write a hundred words.')
  .pipe(
    textOnly(),
    bufferTime(60),
    filter((pieces) => pieces.length > 0),
    map((pieces) => pieces.join('')),
  )
  .subscribe({
    next: (update) => {
      updates.push(update);
      console.log(update);
    },
    complete: () => console.log(`${words.length} pieces, ${updates.length} updates`),
  });

process.on('exit', () => {
  assert.equal(updates.join(''), words.join(''));
  assert.ok(updates.length > 0 && updates.length < words.length);
});
