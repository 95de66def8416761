// Plays recorded answers of model services through the providers and compares what comes out with what is known of
// each recording: `npm run recordings -- DIR`. Everything is served from loopback; no key and no network is needed.
import { parseArgs } from 'node:util';
import { stat } from 'node:fs/promises';
import { messageOf } from '../src/errors/describe.js';
import { eachInOrder } from './recordings/each.js';
import { findRecordings, type Found } from './recordings/find.js';
import { AnswerServer } from './recordings/serve.js';
import { tryFound, type Cuts, type Result } from './recordings/try.js';
import { WIRES } from './recordings/wires.js';

const USAGE = `Usage: npm run recordings -- DIR [--cuts N] [--seed N]

Plays each recorded stream under DIR through its provider: in one piece, byte by byte, and cut at random places, from a
server on loopback, with a write of its own for each piece. Bedrock is played over HTTP/2 and again over HTTP/1.1.
Compares the outcome with the recording's expected.json, and the pieces' events with those of the whole. Where
expected.json says less, or something else, than the recorded bytes, the bytes are read independently of the provider,
and the outcome has to be what they say; where that matters the line of the recording says so.

DIR holds folders of wires (anthropic/NAME/, bedrock/NAME/), folders of recordings (NAME/), or one recording:
expected.json, and wire.sse (Anthropic) or wire.eventstream (Bedrock).

  --cuts N   how often each stream is cut at random places (default 200)
  --seed N   where the random places start (default 1)
  --help     this text

Exit code: 0 if all agree; 1 if one differs, or if none was found; 2 for wrong arguments.`;

/** How many recordings are played at the same time. */
const AT_A_TIME = 8;

interface Options extends Cuts {
  readonly folder: string;
}

function count(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`not a count: ${text}`);
  return Number(text);
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cuts: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return undefined;
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new Error('name one folder');
  return { folder, cuts: count(values.cuts), seed: count(values.seed) };
}

/** Rewrites one line, for a person who waits; nothing where nobody looks. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

function report({ name, found, note }: Result): void {
  progress('');
  if (found !== undefined) console.log(`FAIL  ${name}: ${found}`);
  else console.log(note === undefined ? `ok    ${name}` : `ok    ${name} (${note})`);
}

async function tryAll(places: readonly Found[], options: Options): Promise<readonly Result[]> {
  const server = new AnswerServer();
  await server.listen();
  const results: Result[] = [];
  progress(`0/${places.length} …`);
  await eachInOrder(
    places,
    AT_A_TIME,
    (place) => tryFound(place, server, options),
    (result, at) => {
      results.push(result);
      report(result);
      progress(`${at + 1}/${places.length} …`);
    },
  );
  progress('');
  server.close();
  return results;
}

/** How many agree, of all and of each wire. */
function summarize(results: readonly Result[], cuts: number): void {
  const score = (some: readonly Result[]): string => `${some.filter(({ found }) => found === undefined).length}/${some.length}`;
  for (const { name, transports } of WIRES) {
    const played = results.filter(({ wire }) => wire === name);
    if (played.length > 0) console.log(`${name}: ${score(played)} (${transports.map((transport) => transport.name).join(' and ')})`);
  }
  const unknown = results.filter(({ wire }) => wire === undefined);
  if (unknown.length > 0) console.log(`of no known wire: ${score(unknown)}`);
  console.log(`${score(results)} (in one piece, byte by byte, ${cuts} random cuts each; all over sockets)`);
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
    if (options !== undefined && !(await isFolder(options.folder))) throw new Error(`There is no folder ${options.folder}`);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const results = await tryAll(await findRecordings(options.folder), options);
  if (results.length === 0) console.log(`no recordings found in ${options.folder}`);
  summarize(results, options.cuts);
  return results.length > 0 && results.every(({ found }) => found === undefined) ? 0 : 1;
}

// What the AWS SDK says of this version of Node is no result.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

// A reader that has seen enough (`| head`) ends the work, quietly, but never as if all had been tried.
process.stdout.on('error', () => process.exit(1));

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
