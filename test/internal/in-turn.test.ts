import { EMPTY, Observable, of, Subject, throwError } from 'rxjs';
import { inTurn } from '../../src/internal/in-turn.js';
import { recovering } from '../../src/internal/isolated.js';

/** Tells of what happens to a synchronous source, and when it is torn down. */
function told(log: string[], value: string): Observable<string> {
  return new Observable<string>((subscriber) => {
    subscriber.next(value);
    subscriber.complete();
    return () => log.push(`down ${value}`);
  });
}

describe('inTurn', () => {
  it('C4 makes a step when the one before it has been torn down, a synchronous one too', () => {
    const log: string[] = [];
    inTurn<string>(function* () {
      yield told(log, 'a');
      log.push('make b');
      yield ['b', 'c'];
      yield EMPTY;
      yield told(log, 'd');
    }).subscribe({ next: (value) => log.push(value), complete: () => log.push('over') });
    expect(log).toEqual(['a', 'down a', 'make b', 'b', 'c', 'd', 'down d', 'over']);
  });

  it('ends with the error of a step or of its making, and makes no other', () => {
    for (const fail of [() => throwError(() => new Error('failed')), (): never => { throw new Error('failed'); }]) {
      const log: string[] = [];
      inTurn<string>(function* () {
        yield of('a');
        yield fail();
        log.push('never');
      }).subscribe({ next: (value) => log.push(value), error: (error: unknown) => log.push(String(error)), complete: () => log.push('over') });
      expect(log).toEqual(['a', 'Error: failed']);
    }
  });

  it('makes no further step once it is unsubscribed, and leaves the one that is open', () => {
    const open = new Subject<string>();
    const log: string[] = [];
    const subscription = inTurn<string>(function* () {
      yield open;
      log.push('never');
    }).subscribe((value) => log.push(value));
    open.next('a');
    subscription.unsubscribe();
    expect(open.observed).toBe(false);
    open.complete();
    expect(log).toEqual(['a']);
  });
});

describe('recovering', () => {
  it('C4 tears a failed source down before another takes over, a synchronous one too', () => {
    const log: string[] = [];
    const failing = new Observable<string>((subscriber) => {
      subscriber.next('a');
      subscriber.error(new Error('failed'));
      return () => log.push('down a');
    });
    recovering(() => ({ source: () => failing, recover: () => told(log, 'b') })).subscribe((value) => log.push(value));
    expect(log).toEqual(['a', 'down a', 'b', 'down b']);
  });
});
