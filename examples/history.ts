// History: an agent that is given one remembers the conversation; without one each run stands alone.
import assert from 'node:assert/strict';
import { agent, memoryHistory } from 'coldstream';
import { finalText } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { concat } from 'rxjs';

const provider = scriptedProvider([
  textTurn('Nice to meet you, Ada.'),
  textTurn('You are Ada.'),
  textTurn('I do not know you.'),
]);
const history = memoryHistory();
const ask = agent({ provider, history });
const answers: string[] = [];

// One run after the other: each is subscribed when the one before it is complete.
concat(
  ask('My name is Ada.').pipe(finalText()),
  ask('Who am I?').pipe(finalText()),
  // A question that neither reads the conversation nor becomes part of it.
  ask('Who am I?', { useHistory: false }).pipe(finalText()),
).subscribe((answer) => {
  answers.push(answer);
  console.log(answer);
});

process.on('exit', () => {
  assert.deepEqual(answers, ['Nice to meet you, Ada.', 'You are Ada.', 'I do not know you.']);
  const asked = provider.requests.map(({ messages }) => messages.length);
  console.log(`The model was sent ${asked.join(', ')} messages; the history holds ${history.messages().length}.`);
  assert.deepEqual(asked, [1, 3, 1]);
  assert.deepEqual(history.messages().map(({ role }) => role), ['user', 'assistant', 'user', 'assistant']);
});
