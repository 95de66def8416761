// Runs the component's part in an injector, as Angular does, with a scripted model: no browser is needed.
import assert from 'node:assert/strict';
import { Injector, runInInjectionContext } from '@angular/core';
import { agent, AuthenticationError, type StreamEvent } from 'coldstream';
import { event, scriptedProvider, textTurn } from 'coldstream/testing';
import { Subject } from 'rxjs';
import { AnswerBox, ASK } from './answer-box.js';

const first = new Subject<StreamEvent>();
const last = new Subject<StreamEvent>();
const provider = scriptedProvider([first, textTurn('It is ', 'noon.'), new AuthenticationError('The key has expired.'), last]);

const injector = Injector.create({ providers: [{ provide: ASK, useValue: agent({ provider }) }] });
const box = runInInjectionContext(injector, () => new AnswerBox());
assert.equal(box.text(), '');

box.question('How many stars are there?');
first.next(event.text('One, '));
assert.equal(box.text(), 'One, ');
first.next(event.text('two'));
assert.equal(box.text(), 'One, two', 'the text grows while the model writes');
assert.equal(box.words(), 2);

box.question('What time is it?');
assert.equal(first.observed, false, 'a new question stops the run before it');
assert.equal(box.text(), 'It is noon.');

box.question('And in Lima?');
assert.equal(box.text(), 'Something went wrong. Please ask again.');

box.question('How many stars are there?');
last.next(event.text('One, two, three'));
assert.equal(box.text(), 'One, two, three', 'the signal outlived a failure');
assert.equal(last.observed, true);
injector.destroy();
assert.equal(last.observed, false, 'the run stopped with the component');
provider.assertConsumed();
console.log('angular-signals: the text grew in a signal, and the run stopped with its component');
