import type { StreamEvent } from '../../events/events.js';
import { assistant, event, tokens, user } from '../event.js';
import { textTurn, turn } from '../turns.js';

const results = user([{ type: 'tool_result', toolUseId: 'call_1', content: [{ type: 'text', text: '3' }], isError: false }]);
const second = { iteration: 1 };
const inner = { path: ['call_1'] };

const toolRun: readonly StreamEvent[] = [
  event.runStart('1+2?'),
  event.iterationStart(),
  ...turn({ thinking: ['Add ', 'them.'], text: ['Let me ', 'add.'], tools: [{ id: 'call_1', name: 'add', input: { a: 1, b: 2 } }] }),
  event.toolProgress('call_1', 'add', { progress: 1, total: 2 }),
  event.text('inner', inner),
  event.usage(tokens(100, 10), inner),
  event.complete({ ...inner, usage: tokens(100, 10) }),
  event.toolResult('call_1', 'add', '3', { durationMs: 3 }),
  event.toolUseEnd('call_1', 'add'),
  event.message(results),
  event.iterationEnd(tokens(10, 5), { stopReason: 'tool_use' }),
  event.iterationStart(second),
  ...textTurn('It is ', '3.').map((each) => ({ ...each, ...second })),
  event.iterationEnd(tokens(10, 5), second),
];

/** Runs as operators meet them, by what is in them: with tools, a sub-agent, a retry, without an end. Plain data. */
export const sampleRuns: Readonly<Record<string, readonly StreamEvent[]>> = {
  'a provider without an agent': textTurn('Hel', 'lo'),
  'a run with a tool and a sub-agent': [
    ...toolRun,
    event.complete({ ...second, usage: tokens(120, 20), iterations: 2, messages: [user('1+2?'), assistant('It is 3.')] }),
  ],
  'a run without its end': toolRun,
  'a run with a retry': [
    event.iterationStart(),
    event.usage(tokens(10, 1)),
    event.retry({}, tokens(10, 2)),
    ...textTurn('Hello'),
    event.iterationEnd(tokens(20, 7)),
    event.complete({ usage: tokens(20, 7) }),
  ],
  'a run that takes text back': [event.text('Hel'), event.thinking('hm'), event.retry(), ...textTurn('Hello'), event.complete()],
  'a run whose answer is JSON': [event.iterationStart(), ...textTurn('{"sum":', '[3, ', '4]}'), event.iterationEnd(tokens(10, 5)), event.complete({ usage: tokens(10, 5), output: { sum: [3, 4] } })],
  'a run that takes JSON back': [event.text('{"sum":[3,'), event.retry(), ...textTurn('{"sum":[3', ']}'), event.complete({ output: { sum: [3] } })],
  'a run that fails': [event.iterationStart(), event.text('Hel'), event.usage(tokens(10, 1)), event.error('Overloaded', { usage: tokens(10, 1) })],
  'no run at all': [],
};
