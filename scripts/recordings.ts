// Plays recorded answers of model services through the providers and compares what comes out with what is known of
// each recording: `npm run recordings -- DIR`. Everything is served from loopback; no key and no network is needed.
import { parseArgs } from 'node:util';
import { stat } from 'node:fs/promises';
import { messageOf } from '../src/errors/describe.js';
import { answerOf, play, type Outcome } from './recordings/anthropic.js';
import { compare } from './recordings/compare.js';
import { randomPieces, sequence, singleBytes } from './recordings/cuts.js';
import { difference } from './recordings/difference.js';
import { eachInOrder } from './recordings/each.js';
import { findRecordings, load, type Found, type Recording } from './recordings/find.js';
import { judge } from './recordings/judge.js';
import { AnswerServer } from './recordings/serve.js';

const USAGE = `Usage: npm run recordings -- DIR [--cuts N] [--seed N]

Plays each recorded stream under DIR through its provider: in one piece, byte by byte, and cut at random places.
Compares the outcome with the recording's expected.json. DIR holds folders of wires (anthropic/NAME/), folders of
recordings (NAME/), or one recording: wire.sse and expected.json. Where the SDK gave up on a stream that holds a whole
turn, the outcome is compared with the wire itself; the line of the recording says so.

  --cuts N   how often each stream is cut at random places (default 20)
  --seed N   where the random places start (default 1)
  --help     this text

Exit code: 0 if all agree; 1 if one differs, or if none was found; 2 for wrong arguments.`;

/** How many recordings are played at the same time. */
const AT_A_TIME = 8;

interface Options {
  readonly folder: string;
  readonly cuts: number;
  readonly seed: number;
}

function count(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new Error(`not a count: ${text}`);
  return Number(text);
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { cuts: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return undefined;
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw new Error('name one folder');
  return { folder, cuts: count(values.cuts), seed: count(values.seed) };
}

interface Result {
  readonly name: string;
  /** The first difference, or undefined. */
  readonly found: string | undefined;
  /** Why it is right although `expected.json` says something else. */
  readonly note?: string;
}

/** The first difference in any of the ways to play it. */
async function tryRecording(recording: Recording, server: AnswerServer, { cuts, seed }: Options): Promise<Omit<Result, 'name'>> {
  const judged = judge(recording);
  // No way to play it can mend what is wrong with its own files.
  if (judged.judgement.kind === 'unusable') return { found: judged.judgement.why };
  const serve = (pieces: Iterable<Uint8Array>): Promise<Outcome> => server.during(answerOf(recording, pieces), play);
  const random = sequence(seed);
  const whole = await serve([recording.bytes]);
  const found = compare(judged, whole);
  if (found !== undefined) return { found };
  const ways: [string, () => Iterable<Uint8Array>][] = [
    ['byte by byte', () => singleBytes(recording.bytes)],
    ...Array.from({ length: cuts }, (_, at): [string, () => Iterable<Uint8Array>] => [`random cut ${at + 1}`, () => randomPieces(recording.bytes, random)]),
  ];
  for (const [way, pieces] of ways) {
    const outcome = await serve(pieces());
    const differs = compare(judged, outcome) ?? difference('events', whole.events, outcome.events);
    if (differs !== undefined) return { found: `(${way}) ${differs}` };
  }
  const { note } = judged.judgement;
  return { found: undefined, ...(note === undefined ? {} : { note }) };
}

/** Whatever goes wrong with one recording is said of this one. */
async function tryFound(place: Found, server: AnswerServer, options: Options): Promise<Result> {
  try {
    return { name: place.name, ...(await tryRecording(await load(place), server, options)) };
  } catch (error) {
    return { name: place.name, found: messageOf(error) };
  }
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

/** How many of the recordings agree. */
async function tryAll(places: readonly Found[], options: Options): Promise<number> {
  const server = new AnswerServer();
  await server.listen();
  let passed = 0;
  await eachInOrder(
    places,
    AT_A_TIME,
    (place) => tryFound(place, server, options),
    (result, at) => {
      if (result.found === undefined) passed += 1;
      report(result);
      progress(`${at + 1}/${places.length} …`);
    },
  );
  progress('');
  server.close();
  return passed;
}

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
    if (options !== undefined && !(await stat(options.folder)).isDirectory()) throw new Error(`${options.folder} is not a folder`);
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const recordings = await findRecordings(options.folder);
  const playable = recordings.filter(({ wire }) => wire === 'anthropic');
  const passed = await tryAll(playable, options);
  for (const wire of new Set(recordings.map((recording) => recording.wire).filter((name) => name !== 'anthropic'))) {
    console.log(`${wire}: ${recordings.filter((recording) => recording.wire === wire).length} not tried (no provider yet)`);
  }
  if (playable.length === 0) console.log(`no recordings found in ${options.folder}`);
  console.log(`${passed}/${playable.length} (whole, byte by byte, ${options.cuts} random cuts each)`);
  return playable.length > 0 && passed === playable.length ? 0 : 1;
}

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
