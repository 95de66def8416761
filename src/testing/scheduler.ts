import type { SchedulerAction, Subscription } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';

/** A test that plans more pieces of work than this never ends by itself. */
const mostWork = 1_000_000;

/**
 * The virtual clock of one test. A source that never ends and is never unsubscribed would keep virtual time running for
 * ever, and no test runner can interrupt that; here it is a failure that says so.
 */
export class BoundedTestScheduler extends TestScheduler {
  private planned = 0;

  constructor() {
    super(() => {
      throw new Error('Coldstream compares by itself.');
    });
  }

  /** Whether the limit was passed, even if the code under test has swallowed the error. */
  get exhausted(): boolean {
    return this.planned > mostWork;
  }

  override schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    this.planned++;
    if (this.exhausted) {
      throw new Error(`The test planned more than ${mostWork} pieces of work: unsubscribe what never ends, expectObservable(source, '---!').`);
    }
    return super.schedule(work, delay, state);
  }
}
