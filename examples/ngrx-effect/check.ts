// Runs the effect in a real NgRx store, with a scripted model and tool: no browser is needed.
import '@angular/compiler';
import assert from 'node:assert/strict';
import { createEnvironmentInjector, EnvironmentInjector, ErrorHandler, Injector } from '@angular/core';
import { Actions, defaultEffectsErrorHandler, EFFECTS_ERROR_HANDLER, EffectSources, EffectsRunner, provideEffects } from '@ngrx/effects';
import { provideStore, Store } from '@ngrx/store';
import { agent, AuthenticationError, type StreamEvent } from 'coldstream';
import { event, scriptedProvider, scriptedTool, textTurn, toolTurn } from 'coldstream/testing';
import { Subject } from 'rxjs';
import { answer, answerReducer, ASK, asked, reported, type AnswerState } from './answers.js';

const slow = new Subject<StreamEvent>();
const time = new Subject<string>();
const last = new Subject<StreamEvent>();
const provider = scriptedProvider([
  slow,
  toolTurn({ id: 'call_1', name: 'clock' }),
  textTurn('It is ', 'noon.'),
  new AuthenticationError('The key has expired.'),
  last,
]);
const ask = agent({ provider, tools: [scriptedTool('clock', time)] });

// The root injector of an application has all of these but the last three.
const parent = Injector.create({ providers: [] });
assert.ok(parent instanceof EnvironmentInjector);
const injector = createEnvironmentInjector(
  [
    ErrorHandler,
    Actions,
    EffectSources,
    EffectsRunner,
    { provide: EFFECTS_ERROR_HANDLER, useValue: defaultEffectsErrorHandler },
    { provide: ASK, useValue: ask },
    // Events are plain JSON, and nothing changes one that was emitted: NgRx may check and freeze them.
    provideStore(
      { answer: answerReducer },
      {
        runtimeChecks: {
          strictActionSerializability: true,
          strictActionImmutability: true,
          strictStateSerializability: true,
          strictStateImmutability: true,
        },
      },
    ),
    provideEffects({ answer }),
  ],
  parent,
);
const store: Store<{ answer: AnswerState }> = injector.get(Store);
const state = store.selectSignal((all) => all.answer);
const question = (text: string) => store.dispatch(asked({ question: text }));

question('How many stars are there?');
slow.next(event.text('One, two'));
assert.deepEqual(state(), { status: 'answering', text: 'One, two', working: {}, outputTokens: 0 });

question('What time is it?');
assert.equal(slow.observed, false, 'the new question stopped the run before it');
assert.deepEqual(state().working, { call_1: 'clock' });
time.next('12:00');
time.complete();
assert.deepEqual(state(), { status: 'answered', text: 'It is noon.', working: {}, outputTokens: 10 });

question('And in Lima?');
assert.equal(state().status, 'failed');

question('How many stars are there?');
last.next(event.text('One, two, thr'));
store.dispatch(reported({ event: event.retry({ discard: true }) }));
assert.equal(state().text, '', 'a retry that discards takes the text back');
last.next(event.text('One'));
assert.deepEqual(state(), { status: 'answering', text: 'One', working: {}, outputTokens: 0 }, 'the effect outlived a failure');
injector.destroy();
assert.equal(last.observed, false, 'the run stopped with the application');
provider.assertConsumed();
console.log('ngrx-effect: switchMap stopped the first run, the effect outlived a failure, and events folded into state');
