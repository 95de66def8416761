import { map, type Observable } from 'rxjs';
import { agent, type AgentOptions, type Tool } from 'coldstream';
import { assistant, burst, event, scriptedProvider, tokens, type ScriptedTurn } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';

const callA = { type: 'tool_use', id: 'a', name: 'a', input: {} } as const;
const callB = { type: 'tool_use', id: 'b', name: 'b', input: {} } as const;

/** What the characters of a provider's turn stand for; `m`, `n` and `w` end it. */
export const turnOf = {
  t: event.text('text'),
  u: event.usage(tokens(10, 1)),
  a: event.toolUse('a', 'a'),
  b: event.toolUse('b', 'b'),
  m: event.message({ role: 'assistant', content: [callA] }, { stopReason: 'tool_use' }),
  n: event.message({ role: 'assistant', content: [callA, callB] }, { stopReason: 'tool_use' }),
  w: event.message(assistant('text'), { stopReason: 'end_turn' }),
};

/** One character an event of a run; those of a tool call are followed by the call's id. */
export function shape(run$: Observable<StreamEvent>): Observable<string> {
  const letters: Readonly<Record<StreamEvent['type'], string>> = {
    run_start: 's',
    iteration_start: 'i',
    text_delta: 't',
    thinking: 'h',
    citation: 'k',
    tool_input_start: '(',
    tool_input_delta: '.',
    tool_use_start: 'call ',
    tool_progress: 'progress ',
    tool_approval: '',
    tool_result: 'result ',
    tool_use_end: 'end ',
    server_tool_use: 'S',
    server_tool_result: 'R',
    usage: 'u',
    message: 'm',
    retry: 'retry',
    raw: 'w',
    custom: 'custom',
    iteration_end: 'e',
    complete: 'complete',
    error: 'error',
  };
  return run$.pipe(
    map((each) => {
      if (each.type === 'tool_approval') return `${each.content.decision} ${each.content.id}`;
      const id = 'content' in each && typeof each.content === 'object' && each.content !== null && 'id' in each.content ? JSON.stringify(each.content.id).replaceAll('"', '') : '';
      return letters[each.type] + id;
    }),
  );
}

export const begin = burst('s', 'i');
export const answered = burst('m', 'e', 'complete');

export function make(turns: readonly ScriptedTurn[], tools: readonly Tool[] = [], options: Partial<AgentOptions> = {}) {
  const provider = scriptedProvider(turns);
  return { provider, run$: agent({ provider, tools, resilience: false, ...options })('Hi') };
}
