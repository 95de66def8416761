import { concat, EMPTY, from, throwError } from 'rxjs';
import { ConnectionError, TruncatedStreamError, type Provider } from 'coldstream';
import { asEvents, owedAt, type CutStream, type Owed } from './cut-stream.js';
import { cutIn } from './http1.js';
import { tryCuts } from './try-cuts.js';

const STREAM: CutStream = {
  name: 'three frames of two bytes',
  contentType: 'none',
  frames: [
    { bytes: Uint8Array.of(0, 0), tells: [] },
    { bytes: Uint8Array.of(0, 0), tells: [{ type: 'text_delta', content: 'Hi', block: 0 }] },
    { bytes: Uint8Array.of(0, 0), tells: [{ type: 'message', message: { role: 'assistant', content: [] } }] },
  ],
};

/** A provider that tells of each cut what it likes. */
const telling =
  (tell: (owed: Owed, cut: number) => ReturnType<Provider>): Provider =>
  (request) => {
    const cut = cutIn(JSON.stringify(request));
    return tell(owedAt(STREAM, cut), cut);
  };

const right = ({ tells, whole, partial }: Owed): ReturnType<Provider> =>
  concat(from(tells), whole ? EMPTY : throwError(() => new TruncatedStreamError('cut', { partial })));

const faultsOf = (provider: Provider): Promise<readonly string[]> =>
  tryCuts(STREAM, { provider, server: { url: '', breakOff: () => true, requests: () => 0, close: () => Promise.resolve() }, breaks: false, tags: ['TruncatedStreamError'] });

it('finds no fault in what is right, and asks for every place', async () => {
  const asked: number[] = [];
  const provider = telling((owed, cut) => {
    asked.push(cut);
    return right(owed);
  });
  expect(await faultsOf(provider)).toEqual([]);
  expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it.each<[string, readonly number[], (owed: Owed, cut: number) => ReturnType<Provider>, RegExp]>([
  ['ends in silence', [0, 1, 2, 3, 4, 5], ({ tells }) => from(tells), /complete after/],
  ['ends in silence at one place', [3], (owed, cut) => (cut === 3 ? EMPTY : right(owed)), /complete after/],
  ['loses the last event before the cut', [4, 5, 6], ({ tells, ...owed }) => right({ ...owed, tells: tells.slice(0, -1) }), /expected .*, got no such member/],
  ['tells of a frame that is not whole', [3], (owed, cut) => right(cut === 3 ? { ...owed, tells: asEvents([{ type: 'text_delta', content: 'Hi', block: 0 }]) } : owed), /expected no such member/],
  ['says partial where nothing was told', [0, 1, 2, 3], (owed) => right({ ...owed, partial: true }), /partial: expected false, got true/],
  ['fails with an error of nobody', [0, 1, 2, 3, 4, 5], ({ tells, whole }) => concat(from(tells), whole ? EMPTY : throwError(() => new TypeError('terminated'))), /an error of no kind/],
  ['fails with another error', [0, 1, 2, 3, 4, 5], ({ tells, whole, partial }) => concat(from(tells), whole ? EMPTY : throwError(() => new ConnectionError('x', { partial }))), /ConnectionError \(x\), not TruncatedStreamError/],
  ['fails although the turn is whole', [6], ({ tells, partial }) => concat(from(tells), throwError(() => new TruncatedStreamError('x', { partial }))), /error after text_delta message/],
])('finds that a provider %s, at bytes %j', async (_fault, places, tell, says) => {
  const faults = await faultsOf(telling(tell));
  expect(faults.map((fault) => Number(/^byte (\d+)/.exec(fault)?.[1])).sort()).toEqual(places);
  expect(faults[0]).toMatch(says);
});
