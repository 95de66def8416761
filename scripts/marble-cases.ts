// Lists the cases that the marble tests of each operator show, and fails where one is missing. A test shows a case when
// its title begins with the case and a colon: `never: a run that says nothing yet`.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportedOperators, type ExportedOperator } from './operators/exported.js';
import { titlesOf } from './operators/titles.js';

const root = join(__dirname, '..');
const six = ['never', 'empty', 'one and many', 'error', 'never-ending', 'unsubscribed'];
/** For an operator that calls something of the application's: what happens when that throws. */
const seventh = 'callback';

/** What is missing. */
function list({ name, tests, takesCallback }: ExportedOperator): readonly string[] {
  const titles = existsSync(join(root, tests)) ? titlesOf(readFileSync(join(root, tests), 'utf8')) : [];
  console.log(`${name}  (${tests}, ${String(titles.length)} tests)`);
  const owed = takesCallback ? [...six, seventh] : six;
  return owed.flatMap((wanted) => {
    const shown = titles.filter((title) => title.startsWith(`${wanted}: `)).map((title) => title.slice(wanted.length + 2));
    console.log(`  ${wanted.padEnd(13)} ${shown.length === 0 ? 'MISSING' : shown.join('; ')}`);
    return shown.length === 0 ? [`${name} has no test whose title begins with ${JSON.stringify(`${wanted}: `)} in ${tests}`] : [];
  });
}

const operators = exportedOperators(root);
const missing = operators.flatMap(list);
console.log(missing.length === 0 ? `\n${String(operators.length)} operators show all their cases` : `\n${missing.join('\n')}`);
process.exitCode = missing.length === 0 && operators.length > 0 ? 0 : 1;
