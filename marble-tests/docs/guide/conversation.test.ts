import { agent, memoryHistory } from 'coldstream';
import { conversation, ofType } from 'coldstream/operators';
import { marbles, scriptedProvider } from 'coldstream/testing';
import { map } from 'rxjs';

it('stops the answer to a question that nobody waits for any more', marbles((m) => {
  const questions = m.cold('a---b------|', { a: 'How far is the moon?', b: 'In miles?' });
  const first = m.turn('    --x--y--| ', { x: 'About ', y: '384,400 km.' });
  const second = m.turn('       --z-| ', { z: '238,900 miles.' });
  const history = memoryHistory();
  const ask = agent({ provider: scriptedProvider([first, second]) });
  const texts = questions.pipe(conversation(ask, { policy: 'switch', history }), ofType('text_delta'), map(({ content }) => content));

  m.expectObservable(texts).toBe('              --x---z----|', { x: 'About ', z: '238,900 miles.' });
  m.expectSubscriptions(first.subscriptions).toBe('  ^---!');
  m.expectSubscriptions(second.subscriptions).toBe(' ----^---!');
  m.flush();
  expect(history.messages().map(({ role }) => role)).toEqual(['user', 'user', 'assistant']);
}));
