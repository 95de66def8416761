import * as operators from 'coldstream/operators';
import { textTurn } from 'coldstream/testing';
import { from, map, type Observable } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';

/** One operator of the table of laws. */
export interface OperatorRow {
  /** As `coldstream/operators` exports it. */
  readonly name: string;
  /** The operator, made afresh each time. */
  readonly make: () => (source: Observable<StreamEvent>) => Observable<unknown>;
}

/** How each operator is made. Whatever `operators/index.ts` exports must stand here. */
export const rows: readonly OperatorRow[] = [
  { name: 'collectRun', make: operators.collectRun },
  {
    name: 'conversation',
    // A user who says what the run's events are called, to whom everything is answered at once.
    make: () => (events) => events.pipe(map(({ type }) => type), operators.conversation((type) => from(textTurn(`What is ${JSON.stringify(type)}?`)), { policy: 'switch' })),
  },
  { name: 'costTotals', make: () => operators.costTotals({ small: { input: 1, output: 5 } }) },
  { name: 'finalText', make: operators.finalText },
  { name: 'latency', make: operators.latency },
  { name: 'ofType', make: () => operators.ofType('text_delta', 'usage', 'complete', 'error') },
  { name: 'partialOutput', make: operators.partialOutput },
  { name: 'partialToolInput', make: operators.partialToolInput },
  { name: 'recordTo', make: () => operators.recordTo({ write: () => true }, { required: true }) },
  { name: 'replay', make: () => (events) => operators.replay(events) },
  { name: 'snapshots', make: operators.snapshots },
  { name: 'tapUsage', make: () => operators.tapUsage(() => undefined) },
  { name: 'textOnly', make: operators.textOnly },
  { name: 'thinkingOnly', make: operators.thinkingOnly },
  { name: 'toolCalls', make: operators.toolCalls },
  { name: 'topLevel', make: operators.topLevel },
  { name: 'underPath', make: () => operators.underPath(['call_1']) },
  { name: 'untilError', make: operators.untilError },
  { name: 'usageTotals', make: operators.usageTotals },
];
