import { agent } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { event, marbles, scriptedProvider } from 'coldstream/testing';
import { switchMap } from 'rxjs';

it('stops the answer when the user asks again', marbles((m) => {
  const questions = m.cold('q-----q-------|');
  const first = m.cold('    ---a---b---(m|)', { a: event.text('Slow'), b: event.text('ly'), m: event.message('Slowly') });
  const second = m.cold('         --c-(m|) ', { c: event.text('Fast'), m: event.message('Fast') });
  const ask = agent({ provider: scriptedProvider([first, second]) });

  m.expectObservable(questions.pipe(switchMap((question) => ask(question).pipe(textOnly()))))
    .toBe('                 ---a----c-----|', { a: 'Slow', c: 'Fast' });
  m.expectSubscriptions(first.subscriptions).toBe(' ^-----!');
  m.expectSubscriptions(second.subscriptions).toBe('------^---!');
}));
