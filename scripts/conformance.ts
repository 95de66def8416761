// Runs scenarios of the MCP conformance suite against a client of coldstream/mcp: npm run conformance [-- SCENARIO …]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { concatMap, defer, from, Observable, reduce, tap } from 'rxjs';

const scenarios = ['initialize', 'tools_call', 'elicitation-sep1034-client-defaults', 'sse-retry'];
const limit = 60_000;
const find = createRequire(resolve('package.json')).resolve;

interface Outcome {
  readonly scenario: string;
  readonly code: number | null;
  readonly said: string;
}

/** One scenario: the suite starts a server and our client, and ends with 0 if all that it checks was right. */
function run(scenario: string): Observable<Outcome> {
  return new Observable<Outcome>((subscriber) => {
    // The suite writes its results into the working directory.
    const place = mkdtempSync(join(tmpdir(), 'coldstream-conformance-'));
    const client = `${process.execPath} --import ${pathToFileURL(find('tsx')).href} ${resolve('scripts/conformance/client.ts')}`;
    const child = spawn(process.execPath, [find('@modelcontextprotocol/conformance/dist/index.js'), 'client', '--command', client, '--scenario', scenario, '--timeout', String(limit)], { cwd: place, stdio: ['ignore', 'pipe', 'pipe'], timeout: 2 * limit });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += String(chunk)));
    child.on('error', (error) => subscriber.error(error));
    child.on('close', (code) => {
      subscriber.next({ scenario, code, said });
      subscriber.complete();
    });
    return () => {
      child.kill();
      rmSync(place, { recursive: true, force: true });
    };
  });
}

const asked = process.argv.slice(2);

from(asked.length === 0 ? scenarios : asked)
  .pipe(
    concatMap((scenario) => defer(() => run(scenario))),
    tap(({ scenario, code, said }) => {
      console.log(`${code === 0 ? 'passed' : 'FAILED'}  ${scenario}`);
      if (code !== 0) console.log(said.replace(/^/gm, '    '));
    }),
    reduce(({ passed, failed }, { code }) => (code === 0 ? { passed: passed + 1, failed } : { passed, failed: failed + 1 }), { passed: 0, failed: 0 }),
  )
  .subscribe(({ passed, failed }) => {
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 ? 0 : 1;
  });
