// Structured output: the answer is JSON that is held to a schema. It can be shown while it is written; an answer that does
// not fit is asked for once more; and one that never fits is an error that says where.
import assert from 'node:assert/strict';
import * as t from 'io-ts';
import { agent } from 'coldstream';
import { collectRun, partialOutput, type CollectedRun } from 'coldstream/operators';
import { scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { connect, forkJoin, toArray } from 'rxjs';

const Forecast = t.type({ city: t.string, days: t.array(t.type({ day: t.string, degrees: t.number })) });
const jsonSchema = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    days: { type: 'array', items: { type: 'object', properties: { day: { type: 'string' }, degrees: { type: 'number' } }, required: ['day', 'degrees'] } },
  },
  required: ['city', 'days'],
} as const;

const wrong = textTurn('{"city":"Lima","days":[{"day":"Monday","degrees":"warm"}]}');
const right = textTurn('{"city":"Li', 'ma","days":[{"day":"Mon', 'day","degrees":21},', '{"day":"Tuesday","degrees":19}]}');
const looking = toolTurn({ id: 'call_1', name: 'weather', input: { city: 'Lima' } });
const output = { codec: Forecast, jsonSchema };
const tools = [scriptedTool('weather', { monday: 21, tuesday: 19 })];
const run = (...turns: Parameters<typeof scriptedProvider>[0]) =>
  agent({ provider: scriptedProvider(turns), tools, output })('The weather in Lima?').pipe(
    connect((events$) => forkJoin({ run: events$.pipe(collectRun()), values: events$.pipe(partialOutput(), toArray()) })),
  );

const runs: CollectedRun[] = [];
run(looking, wrong, right).subscribe(({ run: whole, values }) => {
  runs.push(whole);
  for (const { iteration, output: value, done } of values) console.log(`turn ${iteration + 1}${done ? ', checked' : ''}: ${JSON.stringify(value)}`);
  const last = values.at(-1);
  assert.equal(last?.done, true);
  assert.deepEqual(last.output, whole.output);
});

agent({ provider: scriptedProvider([wrong, wrong]), output })('The weather in Lima?')
  .pipe(collectRun())
  .subscribe((failed) => {
    runs.push(failed);
    console.log(`${failed.error?.code}: ${failed.error?.error}`);
  });

process.on('exit', () => {
  const [whole, failed] = runs;
  // What came is a Forecast: the compiler knows it from the codec.
  const forecast = Forecast.decode(whole?.output);
  assert.equal(forecast._tag, 'Right');
  assert.deepEqual(forecast.right.days.map(({ degrees }) => degrees), [21, 19]);
  assert.deepEqual([whole?.iterations, whole?.stopReason], [3, 'end_turn']);
  assert.equal(failed?.error?.code, 'output');
  assert.match(failed.error.error, /days\/0\/degrees/);
});
