import { agent } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { marbles, scriptedProvider, textTurn } from 'coldstream/testing';

it('shows each piece as it comes', marbles((m) => {
  const provider = scriptedProvider([textTurn('Hel', 'lo')], { pace: 1_000 });
  const ask = agent({ provider });

  m.expectObservable(ask('Hi').pipe(textOnly())).toBe('1s a 999ms b 1s 999ms |', { a: 'Hel', b: 'lo' });
}));
