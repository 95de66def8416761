import { agent } from 'coldstream';
import { burst, event, marbles, scriptedProvider, scriptedTool, textTurn, turn } from 'coldstream/testing';
import { map } from 'rxjs';

it('runs two tools side by side', marbles((m) => {
  const calls = [{ id: 'call_1', name: 'slow' }, { id: 'call_2', name: 'fast' }];
  const provider = scriptedProvider([turn({ text: ['One moment.'], tools: calls }), textTurn('Done.')], { pace: 1 });
  const slow = scriptedTool('slow', 'red', { latency: 6 });
  const working = event.toolProgress('call_2', 'fast', { progress: 1, total: 2 });
  const fast = scriptedTool('fast', m.cold<typeof working | string>('--p-(r|)', { p: working, r: 'blue' }));

  const ask = agent({ provider, tools: [slow, fast] });

  const lanes = [
    /* provider */ '-tidsidsum------tum   ',
    /* slow     */ '---------------R      ',
    /* fast     */ '-----------p-R        ',
    /* agent    */ 'S--------------N--(C|)',
  ];
  m.expectObservable(ask('Go').pipe(map(({ type }) => type))).toBe(lanes, {
    t: 'text_delta', i: 'tool_input_start', d: 'tool_input_delta', s: 'tool_use_start', u: 'usage', m: 'message',
    p: 'tool_progress', R: burst('tool_result', 'tool_use_end'),
    S: burst('run_start', 'iteration_start'),
    N: burst('message', 'iteration_end', 'iteration_start'),
    C: burst('iteration_end', 'complete'),
  });
}));
