// A conversation: a user's messages, and an agent that is interrupted by them. The history stays valid, whatever was cut.
import assert from 'node:assert/strict';
import { agent, memoryHistory } from 'coldstream';
import { conversation, ofType } from 'coldstream/operators';
import { scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { map, Subject, tap } from 'rxjs';

const search = scriptedTool('search', 'nothing yet', { latency: 60_000 });
const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'search' }), textTurn('Then I will not.'), textTurn('You are welcome.')]);
const history = memoryHistory();
const messages = new Subject<string>();
const shown: string[] = [];

messages
  .pipe(
    tap((message) => console.log(`> ${message}`)),
    conversation(agent({ provider, tools: [search] }), { policy: 'switch', history }),
    ofType('tool_use_start', 'text_delta', 'complete'),
    map((event) => {
      if (event.type === 'complete') return '(done)';
      return event.type === 'text_delta' ? event.content : `(${event.content.name} …)`;
    }),
  )
  .subscribe((text) => {
    shown.push(text);
    console.log(text);
  });

messages.next('Search for everything.');
// The search would take a minute.
messages.next('Stop, I have found it.');
messages.next('Thank you.');

process.on('exit', () => {
  assert.deepEqual(shown, ['(search …)', 'Then I will not.', '(done)', 'You are welcome.', '(done)']);
  assert.deepEqual(search.calls.map(({ state }) => state), ['stopped']);
  const kept = history.messages();
  assert.deepEqual(kept.map(({ role }) => role), ['user', 'assistant', 'user', 'user', 'assistant', 'user', 'assistant']);
  // The call that was cut has a result that says so: the next request is one that a service accepts.
  const [result] = kept[2]?.content ?? [];
  assert(result?.type === 'tool_result' && result.isError && result.toolUseId === 'call_1');
  console.log(`The history holds ${kept.length} messages.`);
});
