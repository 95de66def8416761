// Approval: nothing runs before somebody has decided, who sees the exact input. One call is denied, one is changed.
import assert from 'node:assert/strict';
import { agent, decidedBy, tool, type Decision, type StreamEvent } from 'coldstream';
import { ofType } from 'coldstream/operators';
import { scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';
import { Subject } from 'rxjs';

const paid: number[] = [];
const pay = tool({
  name: 'pay',
  description: 'Pays an amount.',
  input: { type: 'object', properties: { amount: { type: 'number' } }, required: ['amount'] },
  execute: ({ amount }) => {
    paid.push(amount);
    return `paid ${amount}`;
  },
});
const today = tool({ name: 'today', description: 'Which day it is.', input: { type: 'object' }, approval: 'allow', execute: () => 'Friday' });

const provider = scriptedProvider([
  toolTurn({ id: 'call_1', name: 'pay', input: { amount: 20 } }, { id: 'call_2', name: 'pay', input: { amount: 9_000 } }, { id: 'call_3', name: 'today' }),
  textTurn('I paid 20. The rest was too much.'),
]);

// What a form, a chat or another service sends back. Both calls wait at once, and are decided in any order.
const decisions$ = new Subject<Decision>();
const ask = agent({ provider, tools: [pay, today], approve: decidedBy(decisions$, { timeout: 60_000 }) });

function decide({ runId, path, content: { id, input } }: Extract<StreamEvent, { type: 'tool_approval' }>): Decision {
  const small = JSON.stringify(input) === '{"amount":20}';
  return small ? { runId, path, id, decision: 'allow', input: { amount: 19.99 } } : { runId, path, id, decision: 'deny', reason: 'too much' };
}

const log: string[] = [];
ask('Pay my bills')
  .pipe(ofType('tool_approval', 'tool_result', 'complete'))
  .subscribe((event) => {
    if (event.type === 'complete') {
      console.log(`done: ${event.stopReason}`);
      return;
    }
    const { id } = event.content;
    const line = event.type === 'tool_result' ? `${id} ${event.content.isError ? 'refused' : 'done'}` : `${id} ${event.content.decision} ${JSON.stringify(event.content.input)}`;
    log.push(line);
    console.log(line);
    if (event.type === 'tool_approval' && event.content.decision === 'requested') setTimeout(() => decisions$.next(decide(event)), 10);
  });

process.on('exit', () => {
  assert.deepEqual(log, [
    'call_1 requested {"amount":20}',
    'call_2 requested {"amount":9000}',
    'call_3 done',
    'call_1 granted {"amount":19.99}',
    'call_1 done',
    'call_2 denied {"amount":9000}',
    'call_2 refused',
  ]);
  assert.deepEqual(paid, [19.99]);
  // The model reads of the denial, and why.
  assert.match(JSON.stringify(provider.requests[1]?.messages.at(-1)), /denied and not run\. Reason: too much/);
});
