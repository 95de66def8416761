import { agent } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { asking, marbles, scriptedProvider } from 'coldstream/testing';

it('gives each the answer to their own question', marbles((m) => {
  const provider = scriptedProvider([
    { when: asking('news'), answer: m.turn('--n|', { n: 'None.' }) },
    { when: asking(/weather/i), answer: m.turn('-w|', { w: 'Sunny.' }) },
  ]);
  const ask = agent({ provider });

  m.expectObservable(ask('The weather?').pipe(textOnly())).toBe('-w|', { w: 'Sunny.' });
  m.expectObservable(ask('Any news?').pipe(textOnly())).toBe('   --n|', { n: 'None.' });
  m.flush();
  provider.assertConsumed();
}));
