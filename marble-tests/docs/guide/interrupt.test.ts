import { agent, memoryHistory } from 'coldstream';
import { marbles, scriptedProvider, user } from 'coldstream/testing';
import { takeUntil } from 'rxjs';

it('keeps the question when the user presses stop', marbles((m) => {
  const turn = m.turn('--a--b--|', { a: 'Good ', b: 'morning.' });
  const stop = m.cold('   ----x');
  const history = memoryHistory();
  const ask = agent({ provider: scriptedProvider([turn]), history });

  m.expectRun(ask('Hello').pipe(takeUntil(stop))).toBe('(si)-t-|');
  m.expectSubscriptions(turn.subscriptions).toBe('       ^---!');
  m.flush();
  expect(history.messages()).toEqual([user('Hello')]);
}));
