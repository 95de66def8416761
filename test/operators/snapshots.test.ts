import * as fc from 'fast-check';
import { from, last, lastValueFrom } from 'rxjs';
import { collectRun, snapshots } from 'coldstream/operators';
import { GrowingList } from '../../operators/internal/growing-list.js';
import { runs } from './runs.js';

/** Changes to a list: a value at a place that is there, or at the next. */
const changes = fc.array(fc.tuple(fc.nat(60), fc.nat()), { maxLength: 200 });

describe('GrowingList', () => {
  it('is an array with the same changes, at each step, also where it is read later', () => {
    fc.assert(
      fc.property(changes, fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }), (steps, readsAtOnce) => {
        const model: number[] = [];
        const expected: number[][] = [];
        const lists: GrowingList<number>[] = [];
        let list = GrowingList.of<number>([]);
        steps.forEach(([wanted, value], step) => {
          const place = Math.min(wanted, model.length);
          model[place] = value;
          list = list.with(place, value);
          if (readsAtOnce[step] === true) list.read();
          lists.push(list);
          expected.push([...model]);
        });
        expect(lists.map((each) => each.read())).toEqual(expected);
        expect(lists.every((each) => each.read() === each.read())).toBe(true);
      }),
    );
  });

  it('copies no more than a few members for each change, however long it is', () => {
    const copiedBy = (length: number): number => {
      let copied = 0;
      const counted = new Proxy(Array.from({ length }, (_, index) => index), {
        get: (target, key, receiver) => {
          if (typeof key === 'string' && /^\d+$/.test(key)) copied += 1;
          const value: unknown = Reflect.get(target, key, receiver);
          return value;
        },
      });
      let list = GrowingList.of<unknown>(counted);
      for (let change = 0; change < 500; change += 1) list = list.with(change % 10, change);
      return copied;
    };
    expect(copiedBy(100)).toBe(100);
    expect(copiedBy(1_000)).toBe(0);
  });
});

describe('the last of the snapshots', () => {
  it.each(Object.keys(runs).filter((name) => name !== 'no run at all'))('says what collectRun says, of %s', async (name) => {
    const events = runs[name] ?? [];
    const end = await lastValueFrom(from(events).pipe(snapshots(), last()));
    const run = await lastValueFrom(from(events).pipe(collectRun()));
    expect([end.text, end.thinking]).toEqual([run.text, run.thinking]);
    const answered = end.calls.filter(({ result }) => result !== undefined);
    expect(answered.map(({ id, name: tool, input }) => ({ id, name: tool, input }))).toEqual(run.toolCalls.map(({ id, name: tool, input }) => ({ id, name: tool, input })));
    expect(end.end?.type).toBe(run.error === undefined ? (events.at(-1)?.type === 'complete' ? 'complete' : undefined) : 'error');
  });
});
