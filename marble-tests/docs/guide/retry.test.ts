import { agent, ConnectionError, retrying } from 'coldstream';
import { event, marbles, scriptedProvider } from 'coldstream/testing';

it('asks again after a second, and takes back what had been shown', marbles((m) => {
  const provider = scriptedProvider([
    m.turn('a-#', { a: 'It is on' }, { error: new ConnectionError('The connection broke', { partial: true }) }),
    m.turn('b|', { b: 'It is off.' }),
  ]);
  const ask = agent({ provider: retrying({ when: 'always', backoff: 1_000, jitter: 0 })(provider) });

  m.expectRun(ask('Is it on?')).toBe('(sia)-Y @1.002s b (umec|)', { a: event.text('It is on'), b: event.text('It is off.') });
  m.flush();
  expect(provider.requests.map(({ attempt }) => attempt)).toEqual([1, 2]);
}));
