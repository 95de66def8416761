// Two MCP servers, a function tool, a sub-agent with a server of its own, and a person who decides before files are written.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agent, decidedBy, tool, type Decision } from 'coldstream';
import { mcpStdio, mcpTools } from 'coldstream/mcp';
import { finalText } from 'coldstream/operators';
import { scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';
import { Subject } from 'rxjs';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'coldstream-example-')));
const place = (name: string): string => join(folder, name);
writeFileSync(place('notes.txt'), 'Ada likes tea.');

// Started with the run that uses them, and ended with it. In your own program: mcpStdio('npx', ['-y', '@modelcontextprotocol/…']).
const installed = createRequire(join(process.cwd(), 'package.json'));
const server = (name: string): string => installed.resolve(`@modelcontextprotocol/${name}/dist/index.js`);
const files$ = mcpStdio(process.execPath, [server('server-filesystem'), folder]);
const memory$ = mcpStdio(process.execPath, [server('server-memory')], { env: { MEMORY_FILE_PATH: place('memory.json') } });

const countWords = tool({
  name: 'count_words',
  description: 'Counts the words of a text.',
  input: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
  execute: ({ text }) => text.split(/\s+/).length,
});

// The sub-agent alone has the memory. What it answers is the tool's result.
const librarian = agent({
  name: 'librarian',
  provider: scriptedProvider([
    toolTurn({ id: 'store', name: 'memory__create_entities', input: { entities: [{ name: 'Ada', entityType: 'person', observations: ['likes tea'] }] } }),
    textTurn('I have noted that Ada likes tea.'),
  ]),
  tools: [mcpTools(memory$, { namespace: 'memory' })],
});
const remember = tool({
  name: 'remember',
  description: 'Has a librarian note something.',
  input: { type: 'object', properties: { prompt: { type: 'string' } }, required: ['prompt'] },
  execute: ({ prompt }) => librarian(prompt).pipe(finalText()),
});

const provider = scriptedProvider([
  toolTurn({ id: 'read', name: 'files__read_text_file', input: { path: place('notes.txt') } }),
  toolTurn({ id: 'count', name: 'count_words', input: { text: 'Ada likes tea.' } }, { id: 'note', name: 'remember', input: { prompt: 'Ada likes tea.' } }),
  toolTurn(
    { id: 'write', name: 'files__write_file', input: { path: place('summary.txt'), content: 'Three words about tea.' } },
    { id: 'hide', name: 'files__write_file', input: { path: place('secret.txt'), content: 'Nobody will see this.' } },
  ),
  textTurn('The summary is written. The other file was not wanted.'),
]);

// Which tools need a decision is for the application to say. What a server says of its tools is shown, and not believed.
const decisions$ = new Subject<Decision>();
const ask = agent({
  provider,
  tools: [mcpTools(files$, { namespace: 'files' }), countWords, remember],
  approval: ({ name }) => (name === 'files__write_file' ? 'ask' : 'allow'),
  approve: decidedBy(decisions$, { timeout: 30_000 }),
});

const log: string[] = [];
const note = (line: string): void => {
  log.push(line);
  console.log(line);
};

ask('Read my notes, remember them, and write a summary.').subscribe((event) => {
  const where = event.path.length === 0 ? '' : `${event.path.join('/')}: `;
  if (event.type === 'tool_result') note(`${where}${event.content.id} ${event.content.isError ? 'refused' : 'done'}`);
  if (event.type === 'complete') note(`${where}${String(event.stopReason)}`);
  if (event.type === 'error') note(`${where}failed: ${event.content.error}`);
  if (event.type !== 'tool_approval' || event.content.decision !== 'requested') return;
  const { runId, path, content } = event;
  const isFine = JSON.stringify(content.input).includes('summary.txt');
  note(`${content.id}: ${isFine ? 'yes' : 'no'}`);
  decisions$.next({ runId, path, id: content.id, ...(isFine ? { decision: 'allow' } : { decision: 'deny', reason: 'that name is not one of mine' }) });
});

process.on('exit', () => {
  const [memory, written, hidden] = [readFileSync(place('memory.json'), 'utf8'), readFileSync(place('summary.txt'), 'utf8'), existsSync(place('secret.txt'))];
  rmSync(folder, { recursive: true });
  assert.match(memory, /Ada.*likes tea/);
  assert.equal(written, 'Three words about tea.');
  assert.equal(hidden, false);
  const inOrder = ['read done', 'note done', 'write: yes', 'write done', 'end_turn'];
  assert.deepEqual(
    log.filter((line) => inOrder.includes(line)),
    inOrder,
  );
  for (const line of ['count done', 'hide: no', 'hide refused']) assert(log.includes(line));
  assert.match(JSON.stringify(provider.requests[1]?.messages.at(-1)), /Ada likes tea/);
  assert.match(JSON.stringify(provider.requests[3]?.messages.at(-1)), /denied and not run/);
});
