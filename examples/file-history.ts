// A conversation in a file: the next process goes on with it, and a write that a crash cut off is not seen.
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agent } from 'coldstream';
import { fileHistory } from 'coldstream/file-history';
import { finalText } from 'coldstream/operators';
import { scriptedProvider, textTurn } from 'coldstream/testing';
import { firstValueFrom, lastValueFrom, NEVER } from 'rxjs';

const folder = mkdtempSync(join(tmpdir(), 'coldstream-example-'));
const path = join(folder, 'ada.jsonl');

async function main(): Promise<void> {
  const before = agent({ provider: scriptedProvider([textTurn('Nice to meet you, Ada.')]), history: fileHistory(path) });
  console.log(await firstValueFrom(before('My name is Ada.').pipe(finalText())));

  // What a process leaves that dies in the middle of its next write.
  appendFileSync(path, '[{"role":"user","content":[{"type":"te');

  // Another agent with another history of the same file, as in a process that was started anew.
  const provider = scriptedProvider([textTurn('You are Ada.')]);
  const after = agent({ provider, history: fileHistory(path) });
  console.log(await firstValueFrom(after('Who am I?').pipe(finalText())));
  assert.equal(provider.requests[0]?.messages.length, 3);
  assert.equal((await firstValueFrom(fileHistory(path).messages())).length, 4);

  // While one run uses the file, another one is refused; not only in this process.
  const running = agent({ provider: () => NEVER, history: fileHistory(path) })('Wait.').subscribe();
  const second = await lastValueFrom(after('Me too.', { history: fileHistory(path) }));
  console.log(second.type === 'error' && second.content.error);
  assert(second.type === 'error' && second.content.code === 'history_busy');
  running.unsubscribe();

  // The run that was stopped has left its question, and the file is free again.
  const next = agent({ provider: scriptedProvider([textTurn('Here.')]), history: fileHistory(path) });
  assert.equal(await firstValueFrom(next('Are you there?').pipe(finalText())), 'Here.');
  assert.equal((await firstValueFrom(fileHistory(path).messages())).length, 7);
  // That run's lock is taken away in a moment.
  while (readdirSync(folder).length > 1) await new Promise((resolve) => setTimeout(resolve, 1));
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
}

// Until the end is reached the program counts as failed: a wait for ever would end it without an error.
process.exitCode = 1;
void main();
