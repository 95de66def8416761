import { agent, OverloadedError, retrying } from 'coldstream';
import { ofType } from 'coldstream/operators';
import { marbles, scriptedProvider, textTurn } from 'coldstream/testing';
import { map } from 'rxjs';

it('tries again after two seconds', marbles((m) => {
  const provider = scriptedProvider([new OverloadedError('Overloaded'), textTurn('Hello')]);
  const ask = agent({ provider: retrying({ backoff: 2_000, jitter: 0 })(provider) });

  const shown = ask('Hi').pipe(ofType('retry', 'text_delta', 'complete'), map(({ type }) => type));
  m.expectObservable(shown).toBe('r 1999ms (tc|)', { r: 'retry', t: 'text_delta', c: 'complete' });
  m.flush();
  provider.assertConsumed();
}));
