import * as operators from 'coldstream/operators';
import { operatorLaws, type OperatorSubject } from 'coldstream/testing';
import { rows } from './table.js';

/** What an operator is excused from. */
const without: Readonly<Record<string, OperatorSubject['without']>> = {
  partialToolInput: { 'left within': 'connect of rxjs hears a burst to its end' },
};

it('has every exported operator in its table', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(operators).sort());
});

for (const { name, make } of rows) operatorLaws({ name, make, without: without[name] ?? {} });
