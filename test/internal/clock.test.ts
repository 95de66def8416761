import { asyncScheduler } from 'rxjs';
import { inOneMoment, moment, now } from '../../src/internal/clock.js';
import { eventFactory } from '../../src/provider.js';

describe('the moment of a burst', () => {
  let time = 0;
  let readings = 0;
  beforeEach(() => {
    [time, readings] = [100, 0];
    jest.spyOn(asyncScheduler, 'now').mockImplementation(() => {
      readings += 1;
      return time;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  it('is the one at which it began, read once, while now() goes on', () => {
    const moments: number[] = [];
    inOneMoment(() => {
      moments.push(moment());
      time = 150;
      moments.push(moment(), moment());
    });
    expect(moments).toEqual([100, 100, 100]);
    expect(readings).toBe(1);
    inOneMoment(() => {
      time = 170;
      expect(now()).toBe(170);
    });
  });

  it('is the clock outside of bursts', () => {
    inOneMoment(() => undefined);
    time = 300;
    expect(moment()).toBe(300);
  });

  it('is its own in a burst within a burst, and the outer one afterwards', () => {
    inOneMoment(() => {
      time = 200;
      inOneMoment(() => expect(moment()).toBe(200));
      expect(moment()).toBe(100);
    });
  });

  it('is not that of a step that begins within it: its events are no older than the step', () => {
    inOneMoment(() => {
      time = 200;
      const create = eventFactory({ runId: 'run' });
      expect(create({ type: 'text_delta', content: 'late', block: 0 }).timestamp).toBe(200);
    });
  });

  it('is over with a burst that throws', () => {
    expect(() => inOneMoment(() => { throw new Error('no'); })).toThrow('no');
    time = 400;
    expect(moment()).toBe(400);
  });
});
