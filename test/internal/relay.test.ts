import { from, Observable, Subject, type Subscriber } from 'rxjs';
import { isolated } from '../../src/internal/isolated.js';
import { Relay } from '../../src/internal/relay.js';
import { collect } from '../support/collect.js';

const doubled = (source: Observable<number>): Observable<number> =>
  new Observable((subscriber) => {
    const relay = new Relay<number, number>(subscriber, (value) => value * 2);
    subscriber.add(relay);
    relay.add(source.subscribe(relay));
  });

describe('Relay', () => {
  it('is what the source is subscribed with, as it is: nothing of RxJS stands between', () => {
    let subscribed: unknown;
    const source = new Observable<number>((subscriber) => {
      subscribed = subscriber;
    });
    doubled(source).subscribe().unsubscribe();
    expect(subscribed).toBeInstanceOf(Relay);
  });

  it('stops a synchronous source in the middle of its values', () => {
    const closed: boolean[] = [];
    const source = new Observable<number>((subscriber) => {
      for (let value = 0; value < 3; value += 1) {
        subscriber.next(value);
        closed.push(subscriber.closed);
      }
    });
    const seen: number[] = [];
    const subscription: { current?: { unsubscribe(): void } } = {};
    new Observable<number>((subscriber) => {
      subscription.current = subscriber;
      doubled(source).subscribe(subscriber);
    }).subscribe((value) => {
      seen.push(value);
      if (value === 2) subscription.current?.unsubscribe();
    });
    expect(seen).toEqual([0, 2]);
    expect(closed).toEqual([false, true, true]);
  });

  it('hands nothing on after the end, after an error, and after it was unsubscribed', () => {
    const notify: Record<'complete' | 'fail' | 'next', (to: Subscriber<number>) => void> = {
      complete: (to) => to.complete(),
      fail: (to) => to.error(new Error('failed')),
      next: (to) => to.next(1),
    };
    for (const end of ['complete', 'fail'] as const) {
      const seen: string[] = [];
      const source = new Observable<number>((subscriber) => {
        for (const step of [end, 'next', 'fail', 'complete'] as const) notify[step](subscriber);
      });
      doubled(source).subscribe({ next: () => seen.push('next'), error: (error: unknown) => seen.push(`fail ${String(error)}`), complete: () => seen.push('complete') });
      expect(seen).toEqual([end === 'fail' ? 'fail Error: failed' : 'complete']);
    }
    const subject = new Subject<number>();
    const seen: number[] = [];
    const subscription = doubled(subject).subscribe((value) => seen.push(value));
    subject.next(1);
    subscription.unsubscribe();
    subject.next(2);
    expect(seen).toEqual([2]);
    expect(subject.observed).toBe(false);
  });
});

describe('isolated', () => {
  it('fails with what its projection throws, and stops the source', () => {
    const subject = new Subject<number>();
    const errors: unknown[] = [];
    isolated(subject, (value) => {
      if (value === 2) throw new Error('two');
      return value;
    }).subscribe({ error: (error: unknown) => errors.push(String(error)) });
    subject.next(1);
    subject.next(2);
    expect(errors).toEqual(['Error: two']);
    expect(subject.observed).toBe(false);
  });

  it('is over with the last value, whatever would follow', () => {
    expect(
      collect(
        isolated(
          from([1, 2, 3]),
          (value) => value * 10,
          (value) => value === 20,
        ),
      ),
    ).toEqual([10, 20]);
  });

  it('C4 does not hear a teardown that throws, at the end and before it', () => {
    const broken = (end: boolean) =>
      new Observable<number>((subscriber) => {
        subscriber.next(1);
        if (end) subscriber.complete();
        return () => {
          throw new Error('teardown');
        };
      });
    expect(collect(isolated(broken(true)))).toEqual([1]);
    expect(() => isolated(broken(false)).subscribe().unsubscribe()).not.toThrow();
  });
});
