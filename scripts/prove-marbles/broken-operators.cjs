// Stands in the place of `coldstream/operators` while `npm run prove-marbles` runs: in each test file the operator whose
// tests it holds is a broken one, and all others are as they are.
const { basename } = require('node:path');
const { from, isObservable, Observable } = require('rxjs');
const operators = require('../../operators/index.ts');

const asName = (file) => basename(file, '.test.ts').replaceAll(/-([a-z])/g, (_, letter) => letter.toUpperCase());

const breakages = {
  /** Gives what it is given; a source gives the events that it was made of. */
  identity: () => (given) => (isObservable(given) ? given : from(given)),
  /** Does its work, and lets its source run on when it is unsubscribed. */
  deaf: (apply) => (source) =>
    new Observable((subscriber) => {
      apply(source).subscribe({
        next: (value) => subscriber.next(value),
        error: (error) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    }),
};

function broken(name, breakage) {
  const operator = operators[name];
  // The one that makes a source takes its events first; it is not made and then applied.
  if (name === 'replay') return (events, ...options) => breakage((given) => operator(given, ...options))(events);
  return (...options) => breakage(operator(...options));
}

const name = asName(expect.getState().testPath);
const breakage = breakages[process.env.BROKEN_OPERATORS];
if (breakage === undefined) throw new Error(`There is no such way to break an operator: ${process.env.BROKEN_OPERATORS}`);
module.exports = name in operators ? { ...operators, [name]: broken(name, breakage) } : operators;
