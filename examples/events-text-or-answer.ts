// Three ways to read the same run: all its events, only its text as it comes, or the answer once at the end.
// (Those who come from mcp-agent know them as generate_stream, generate_str_stream and generate.)
import assert from 'node:assert/strict';
import { agent } from 'coldstream';
import { finalText, ofType, textOnly } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { concat, map } from 'rxjs';

const turn = textTurn('Once upon ', 'a time.');
const ask = agent({ provider: scriptedProvider([turn, turn, turn]) });
const shown: string[] = [];

concat(
  ask('Tell me a story.').pipe(
    ofType('text_delta', 'complete'),
    map((event) => (event.type === 'text_delta' ? `event: ${event.content}` : `event: complete after ${event.iterations} iteration`)),
  ),
  ask('Tell me a story.').pipe(
    textOnly(),
    map((text) => `text: ${text}`),
  ),
  ask('Tell me a story.').pipe(
    finalText(),
    map((text) => `answer: ${text}`),
  ),
).subscribe((line) => {
  shown.push(line);
  console.log(line);
});

process.on('exit', () => {
  assert.deepEqual(shown, [
    'event: Once upon ',
    'event: a time.',
    'event: complete after 1 iteration',
    'text: Once upon ',
    'text: a time.',
    'answer: Once upon a time.',
  ]);
});
