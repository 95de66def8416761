import { asyncScheduler, concatMap, ignoreElements, NEVER, of, tap, throwError, timer, type Observable } from 'rxjs';
import { ConnectionError, OverloadedError, retrying, TimeoutError, timingOut, type Provider, type StreamEvent } from 'coldstream';
import { event, marbles, scriptedProvider, tokens } from 'coldstream/testing';
import { request, retry, values } from './support.js';

describe('timingOut', () => {
  const limited = (source: Observable<StreamEvent>, limits: Parameters<typeof timingOut>[0]): Observable<StreamEvent> =>
    timingOut(limits)(() => source)(request);
  const passed = (limit: string, ms: number, says: string, partial: boolean) =>
    new TimeoutError(`The model ${says} within ${String(ms)} ms (limit "${limit}").`, { partial });

  it('N13 limits the wait for the first sign of life', marbles((m) => {
    const source$ = m.cold('---', values);
    m.expectObservable(limited(source$, { firstByte: 5 })).toBe('-----#', values, passed('firstByte', 5, 'did not begin to answer', false));
    m.expectSubscriptions(source$.subscriptions).toBe('^----!');
  }));

  it('N14 limits the silence between two', marbles((m) => {
    const source$ = m.cold('-t--t---------', values);
    m.expectObservable(limited(source$, { idle: 5 })).toBe('-t--t----#', values, passed('idle', 5, 'fell silent in its answer', true));
    m.expectSubscriptions(source$.subscriptions).toBe('^--------!');
  }));

  it('N15 limits the time without content, though pings and usage go on', marbles((m) => {
    const source$ = m.cold('-u-u-u-u-u-u-u', values);
    const says = 'kept the connection alive but sent nothing of its answer';
    m.expectObservable(limited(source$, { idle: 5, contentIdle: 7 })).toBe('-u-u-u-u#', values, passed('contentIdle', 7, says, false));
  }));

  it('counts a ping as a sign of life and hands it on', marbles((m) => {
    const pings: number[] = [];
    const provider: Provider = ({ onPing }) => {
      onPing?.();
      return NEVER;
    };
    const watched = timingOut({ firstByte: 3, idle: 6 })(provider);
    m.expectObservable(watched({ ...request, onPing: () => pings.push(m.now()) })).toBe('------#', values, passed('idle', 6, 'fell silent in its answer', false));
    m.flush();
    expect(pings).toEqual([0]);
  }));

  it('limits the whole turn, and no limit can be Infinity', marbles((m) => {
    const source$ = m.cold('-t-t-t-t', values);
    const off = { firstByte: Infinity, idle: Infinity, contentIdle: Infinity };
    m.expectObservable(limited(source$, { ...off, total: 6 })).toBe('-t-t-t#', values, passed('total', 6, 'did not finish its answer', true));
    m.expectObservable(limited(m.cold('t 10m (m|)', values), off)).toBe('t 10m (m|)', values);
  }));

  it('N13 limits the wait for the service to begin to answer: its headers, a ping or an event', marbles((m) => {
    const heard: number[] = [];
    const answeringAt = (ms: number): Provider => ({ onAnswer }) =>
      timer(ms).pipe(
        tap(() => onAnswer?.()),
        concatMap(() => NEVER),
      );
    const error = passed('connect', 3, 'could not be reached', false);
    m.expectObservable(limited(m.cold('-----', values), { connect: 3, firstByte: 9 })).toBe('---#', values, error);
    const watched$ = timingOut({ connect: 3, firstByte: 9 })(answeringAt(2))({ ...request, onAnswer: () => heard.push(m.now()) });
    m.expectObservable(watched$).toBe('9ms #', values, passed('firstByte', 9, 'did not begin to answer', false));
    m.expectObservable(limited(m.cold('--t---(m|)', values), { connect: 3 })).toBe('--t---(m|)', values);
    const pinging: Provider = ({ onPing }) => timer(2, 2).pipe(tap(() => onPing?.()), ignoreElements());
    m.expectObservable(timingOut({ connect: 3, total: 7 })(pinging)(request)).toBe('7ms #', values, passed('total', 7, 'did not finish its answer', false));
    m.flush();
    expect(heard).toEqual([2]);
  }));

  it('gives each attempt beneath it its own limits, and forgets what a retry takes back', marbles((m) => {
    const broken$ = m.cold('-t-#', values, new OverloadedError('Overloaded'));
    const provider = scriptedProvider([broken$, NEVER]);
    const patient = timingOut({ connect: 4 })(retrying({ when: 'always', backoff: 9, jitter: 0 })(provider));
    m.expectObservable(patient(request)).toBe('-t-R 12ms #', { ...values, R: retry(1, 9, { discard: true }) }, passed('connect', 4, 'could not be reached', false));
  }));

  it('takes a limit beyond what a timer can be set for', marbles((m) => {
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    m.expectObservable(limited(m.cold('t(m|)', values), { firstByte: 1e12, idle: Infinity, contentIdle: 1e12, total: 1e12 })).toBe('t(m|)', values);
    m.flush();
    expect(schedule.mock.calls.map(([, delay]) => delay).filter((delay = 0) => delay > 2 ** 31 - 1)).toEqual([]);
    schedule.mockRestore();
  }));

  it('sets no timer per event', marbles((m) => {
    const schedule = jest.spyOn(asyncScheduler, 'schedule');
    m.expectObservable(limited(m.cold('tttttttt(m|)', values), { connect: 6, firstByte: 9, idle: 7, contentIdle: 8, total: 99 })).toBe('tttttttt(m|)', values);
    m.flush();
    // One for the first byte, one for the nearest limit after it, one when that fires early.
    expect(schedule.mock.calls.length).toBeLessThanOrEqual(3);
    schedule.mockRestore();
  }));

  it('does not take the wait of a retry beneath it for silence', marbles((m) => {
    const refused$ = m.cold('-u-#', values, new OverloadedError('Overloaded'));
    const provider = scriptedProvider([refused$, m.cold('---t(m|)', values)]);
    const patient = timingOut({ firstByte: 4, idle: 3, contentIdle: 3 })(retrying({ backoff: 9, jitter: 0 })(provider));
    m.expectObservable(patient(request)).toBe('-u-y 11ms t(m|)', { ...values, y: event.retry({ attempt: 1, delayMs: 9, discard: false, error: { code: 'overloaded', message: 'Overloaded' } }, tokens(3, 0)) });
  }));

  it('starts anew for each subscription', marbles((m) => {
    const source$ = m.cold('-t------', values);
    const watched$ = limited(source$, { idle: 4 });
    m.expectObservable(watched$).toBe('-t---#', values, passed('idle', 4, 'fell silent in its answer', true));
    m.expectObservable(watched$, '--^').toBe('---t---#', values, passed('idle', 4, 'fell silent in its answer', true));
  }));

  it('passes on completion and other errors', marbles((m) => {
    m.expectObservable(limited(of(values.t), {})).toBe('(t|)', values);
    const gone = new ConnectionError('gone');
    m.expectObservable(limited(throwError(() => gone), {})).toBe('#', values, gone);
  }));
});
