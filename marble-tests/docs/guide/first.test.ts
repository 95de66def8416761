import { agent } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { marbles, scriptedProvider } from 'coldstream/testing';

it('shows each piece as it comes', marbles((m) => {
  const turn = m.turn('--a-b|', { a: 'Good ', b: 'morning.' });
  const provider = scriptedProvider([turn]);
  const ask = agent({ provider });

  m.expectObservable(ask('Hello').pipe(textOnly())).toBe('--a-b|', { a: 'Good ', b: 'morning.' });
  m.expectSubscriptions(turn.subscriptions).toBe('       ^----!');
  m.flush();
  provider.assertConsumed();
  expect(provider.requests[0]?.messages).toHaveLength(1);
}));
