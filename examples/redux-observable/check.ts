// Runs the epic in a real store, with a scripted model: a question that replaces another, one that fails, one more.
import assert from 'node:assert/strict';
import { agent, AuthenticationError, type StreamEvent } from 'coldstream';
import { event, scriptedProvider, textTurn } from 'coldstream/testing';
import { applyMiddleware, legacy_createStore as createStore } from 'redux';
import { createEpicMiddleware } from 'redux-observable';
import { Subject } from 'rxjs';
import { answerEpic, answerReducer, type Action, type AnswerState } from './answers.js';

const slow = new Subject<StreamEvent>();
const provider = scriptedProvider([slow, textTurn('It is ', 'noon.'), new AuthenticationError('The key has expired.'), textTurn('Good night.')]);

const epics = createEpicMiddleware<Action, Action, AnswerState>();
const store = createStore(answerReducer, applyMiddleware(epics));
epics.run(answerEpic(agent({ provider })));
const ask = (question: string) => store.dispatch({ type: 'asked', question });

ask('How many stars are there?');
slow.next(event.text('One, two'));
assert.deepEqual(store.getState(), { status: 'answering', text: 'One, two' });
assert.equal(slow.observed, true, 'the first run is under way');

store.dispatch({ type: 'reported', event: event.retry({ discard: true }) });
assert.equal(store.getState().text, '', 'a retry that discards takes the text back');

ask('What time is it?');
assert.equal(slow.observed, false, 'the new question stopped the run before it, request included');
assert.deepEqual(store.getState(), { status: 'answered', text: 'It is noon.' });

ask('And in Lima?');
assert.deepEqual(store.getState(), { status: 'failed', text: '', problem: 'The key has expired.' });

ask('Good night?');
assert.deepEqual(store.getState(), { status: 'answered', text: 'Good night.' }, 'the epic outlived the failure');
provider.assertConsumed();
console.log('redux-observable: switchMap stopped the first run, and the epic outlived a failure');
