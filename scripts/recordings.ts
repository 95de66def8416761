// Plays recorded answers of model services through the providers and compares what comes out with what is known of
// each recording: `npm run recordings -- DIR`. Everything is served from loopback; no key and no network is needed.
import { parseArgs } from 'node:util';
import { stat } from 'node:fs/promises';
import { answerOf, compare, play, type Outcome } from './recordings/anthropic.js';
import { randomPieces, sequence } from './recordings/cuts.js';
import { difference } from './recordings/difference.js';
import { findRecordings, type Recording } from './recordings/find.js';
import { AnswerServer } from './recordings/serve.js';

const USAGE = `Usage: npm run recordings -- DIR [--cuts N] [--seed N]

Plays each recorded stream under DIR through its provider: in one piece, byte by byte, and cut at random places.
Compares the outcome with the recording's expected.json. DIR holds folders of wires (anthropic/NAME/), folders of
recordings (NAME/), or one recording: wire.sse and expected.json.

  --cuts N   how often each stream is cut at random places (default 20)
  --seed N   where the random places start (default 1)
  --help     this text

Exit code: 0 if all agree; 1 if one differs, or if none was found; 2 for wrong arguments.`;

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

/** A `fetch` whose body gives one byte at a time: TCP would join them again. */
function byteByByte(recording: Recording): typeof globalThis.fetch {
  const { status, headers } = answerOf(recording, []);
  return () => {
    let at = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (at < recording.bytes.length) controller.enqueue(recording.bytes.slice(at, ++at));
        else controller.close();
      },
    });
    return Promise.resolve(new Response(body, { status, headers }));
  };
}

/** The first difference in any of the ways to play it, or undefined. */
async function tryRecording(recording: Recording, server: AnswerServer, { cuts, seed }: Options): Promise<string | undefined> {
  const serve = (pieces: readonly Uint8Array[]): Promise<Outcome> => play({ baseURL: server.serve(answerOf(recording, pieces)) });
  const random = sequence(seed);
  const whole = await serve([recording.bytes]);
  const found = compare(recording, whole);
  if (found !== undefined) return found;
  const ways: [string, () => Promise<Outcome>][] = [
    ['byte by byte', () => play({ baseURL: 'http://127.0.0.1', fetch: byteByByte(recording) })],
    ...Array.from({ length: cuts }, (_, at): [string, () => Promise<Outcome>] => [`random cut ${at + 1}`, () => serve(randomPieces(recording.bytes, random))]),
  ];
  for (const [way, run] of ways) {
    const outcome = await run();
    const differs = compare(recording, outcome) ?? difference('events', whole.events, outcome.events);
    if (differs !== undefined) return `(${way}) ${differs}`;
  }
  return undefined;
}

async function main(): Promise<number> {
  let options: Options | undefined;
  try {
    options = readOptions();
    if (options !== undefined && !(await stat(options.folder)).isDirectory()) throw new Error(`${options.folder} is not a folder`);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    console.log(USAGE);
    return 0;
  }
  const recordings = await findRecordings(options.folder);
  const playable = recordings.filter(({ wire }) => wire === 'anthropic');
  const server = new AnswerServer();
  await server.listen();
  let passed = 0;
  for (const recording of playable) {
    const found = await tryRecording(recording, server, options);
    if (found === undefined) passed += 1;
    console.log(found === undefined ? `ok    ${recording.name}` : `FAIL  ${recording.name}: ${found}`);
  }
  server.close();
  for (const wire of new Set(recordings.map((recording) => recording.wire).filter((name) => name !== 'anthropic'))) {
    console.log(`${wire}: ${recordings.filter((recording) => recording.wire === wire).length} not tried (no provider yet)`);
  }
  if (playable.length === 0) console.log(`no recordings found in ${options.folder}`);
  console.log(`${passed}/${playable.length} (whole, byte by byte, ${options.cuts} random cuts each)`);
  return playable.length > 0 && passed === playable.length ? 0 : 1;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
