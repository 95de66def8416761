// `snapshots`: the state of a run after each event, for a view that draws what is there instead of following events. The
// parts that have not changed are the same objects, so a view compares by identity and draws only what is new.
import assert from 'node:assert/strict';
import { agent } from 'coldstream';
import { snapshots, type RunSnapshot } from 'coldstream/operators';
import { scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { distinctUntilChanged } from 'rxjs';

const provider = scriptedProvider([
  toolTurn({ id: 'call_1', name: 'weather', input: { city: 'Lima' } }, { id: 'call_2', name: 'weather', input: { city: 'Cusco' } }),
  textTurn('Lima is ', 'warmer.'),
]);
const weather = scriptedTool('weather', { degrees: 21 });

let drawnCalls: RunSnapshot['calls'] | undefined;
let drawnText = '';
const drawn: string[] = [];

/** Draws what differs from what stands there. */
function draw({ calls, text, end }: RunSnapshot): void {
  if (calls !== drawnCalls) drawn.push(`calls: ${calls.map(({ id, status }) => `${id} ${status}`).join(', ')}`);
  if (text !== drawnText) drawn.push(`text: ${text}`);
  if (end !== null) drawn.push(end.type);
  drawnCalls = calls;
  drawnText = text;
}

agent({ provider, tools: [weather] })('Where is it warmer?').pipe(snapshots(), distinctUntilChanged()).subscribe(draw);

process.on('exit', () => {
  console.log(drawn.join('\n'));
  assert.deepEqual(drawn, [
    'calls: ',
    'calls: call_1 writing',
    'calls: call_1 called',
    'calls: call_1 called, call_2 writing',
    'calls: call_1 called, call_2 called',
    'calls: call_1 done, call_2 called',
    'calls: call_1 done, call_2 done',
    'text: Lima is ',
    'text: Lima is warmer.',
    'complete',
  ]);
});
