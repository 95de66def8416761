import { concat, from, throwError } from 'rxjs';
import type { Agent } from '../../agent/options.js';
import type { History } from '../../agent/history.js';
import { memoryHistory } from '../../messages/memory-history.js';
import { OverloadedError } from '../../errors/errors.js';
import type { Tool } from '../../tools/types.js';
import type { Provider } from '../../provider.js';
import { event } from '../event.js';
import { scriptedProvider, type ScriptedProvider, type ScriptedReply, type ScriptedTurn } from '../scripted-provider.js';
import { scriptedTool, type ScriptedTool } from '../scripted-tool.js';
import { textTurn, toolTurn, turn } from '../turns.js';

/** What an agent is made of for the laws. */
export interface AgentParts {
  readonly provider: Provider;
  readonly tools: readonly Tool[];
  readonly history: History;
}

/** An agent at work on a script. */
export interface Stage {
  readonly ask: Agent;
  readonly provider: ScriptedProvider;
  readonly tools: readonly ScriptedTool[];
  readonly history: ReturnType<typeof memoryHistory>;
}

const always = (answer: ScriptedTurn, iteration?: number): ScriptedReply =>
  iteration === undefined ? { answer, times: Infinity } : { answer, times: Infinity, when: (request) => request.iteration === iteration };

const quick = { id: 'call_1', name: 'quick', input: { city: 'Lima' } };
const broken = { id: 'call_2', name: 'broken' };
const unknown = { id: 'call_3', name: 'nowhere' };
const invalid = turn({ tools: [{ id: 'call_4', name: 'quick' }] }).map((each) => (each.type === 'tool_use_start' ? event.invalidToolUse('call_4', 'quick', '{"city":') : each));
const begun = toolTurn(quick).slice(0, -1);

/** What a model may do in a run, by what is in it: the script of its turns. */
export const scenarios: Readonly<Record<string, readonly ScriptedReply[]>> = {
  'an answer in text': [always(textTurn('Hel', 'lo'))],
  'calls of tools that answer, fail and do not exist': [always(toolTurn(quick, broken, unknown), 0), always(textTurn('Done.'))],
  'a call whose input is no JSON': [always(invalid, 0), always(textTurn('Sorry.'))],
  'a call that is cut off by the limit of tokens': [always(turn({ tools: [quick], stopReason: 'max_tokens' }))],
  'a refusal': [always(new OverloadedError('Overloaded', { retryable: false }))],
  'a second turn that breaks after its first words': [
    always(toolTurn(quick), 0),
    always(concat(from(textTurn('Hel', 'lo').slice(0, 1)), throwError(() => new OverloadedError('cut', { retryable: false, partial: true })))),
  ],
  'a turn that breaks after a finished call': [always(concat(from(begun), throwError(() => new OverloadedError('cut', { retryable: false, partial: true }))))],
  'a provider that throws': [
    always(() => {
      throw new TypeError('broken on purpose');
    }),
  ],
};

/** An agent on a stage of its own: nothing of one run is left for the next. */
export function stageOf(make: (parts: AgentParts) => Agent, replies: readonly ScriptedReply[], latency = 0): Stage {
  const provider = scriptedProvider(replies, { latency });
  const tools = [scriptedTool('quick', { degrees: 21 }, { latency }), scriptedTool('broken', new Error('out of paper'), { latency })];
  const history = memoryHistory();
  return { ask: make({ provider, tools, history }), provider, tools, history };
}
