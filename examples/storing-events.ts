// Storing events for debugging: a run is written to a file, one event a line, and read back later through the codec.
// A stored run is a run: the same operators work on it.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agent, StreamEvent, tool } from 'coldstream';
import { collectRun, type CollectedRun } from 'coldstream/operators';
import { scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';
import { concat, defer, from, tap } from 'rxjs';

const folder = mkdtempSync(join(tmpdir(), 'coldstream-example-'));
const file = join(folder, 'run.jsonl');
const dice = tool({ name: 'dice', description: 'Rolls a die.', input: { type: 'object' }, execute: () => 4 });
const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'dice' }), textTurn('You rolled ', 'a 4.')]);

/** Events that come from outside are checked, not trusted. */
function readEvents(): readonly StreamEvent[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const value: unknown = JSON.parse(line);
    assert.ok(StreamEvent.is(value), `not an event: ${line}`);
    return value;
  });
}

const runs: CollectedRun[] = [];

concat(
  agent({ provider, tools: [dice] })('Roll a die.').pipe(
    tap((event) => appendFileSync(file, `${JSON.stringify(event)}\n`)),
    collectRun(),
  ),
  defer(() => from(readEvents())).pipe(collectRun()),
).subscribe((run) => {
  runs.push(run);
  console.log(`${run.events.length} events: ${run.text}`);
});

process.on('exit', () => {
  rmSync(folder, { recursive: true });
  const [live, stored] = runs;
  assert.equal(live?.text, 'You rolled a 4.');
  assert.deepEqual(stored, live);
});
