// One measurement of one client, in a process of its own: the order comes as an argument, the figures go to standard output.
import type { Client, Connect, Seen, Started } from './client.js';
import { summary } from './statistics.js';
import { expected } from './server/script.js';
import type { Figures, Order, Task, Work } from './task.js';

type CpuTask = Extract<Task, { kind: 'cpu' }>;
type PacedTask = Extract<Task, { kind: 'paced' }>;

const ignore = (): void => undefined;
const WARM_REQUESTS = 200;
const LEAST_RUNS = 1;

function cpuMilliseconds(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1_000;
}


function begin(client: Client, { method, prompt }: Work): Started {
  const started = method === 'toolInput' ? client.toolInput?.(prompt) : client[method]?.(prompt, ignore);
  if (started === undefined) throw new Error(`the client has no ${method}`);
  return started;
}

const known = new Map<string, Seen>();

/** What is to be seen is found out once, so that no run pays for it. */
function expectedOf(prompt: string): Seen {
  const found = known.get(prompt) ?? expected(prompt);
  known.set(prompt, found);
  return found;
}

function check(prompt: string, seen: Seen): void {
  const { characters, turns } = expectedOf(prompt);
  if (seen.characters === characters && seen.turns === turns) return;
  const saw = `${String(seen.characters)} characters in ${String(seen.turns)} turns`;
  throw new Error(`"${prompt}": saw ${saw}, not ${String(characters)} in ${String(turns)}`);
}

async function run(client: Client, work: Work): Promise<void> {
  check(work.prompt, await begin(client, work).ended);
}

/** Does the work again and again until it has cost enough: CPU and not time, since the machine may be busy with others. */
async function repeat(client: Client, work: Work, milliseconds: number, leastRuns: number): Promise<number> {
  const begun = process.cpuUsage();
  let runs = 0;
  for (let cost = 0; runs < leastRuns || cost < milliseconds; runs += 1) {
    await run(client, work);
    cost = cpuMilliseconds(begun);
  }
  return cpuMilliseconds(begun) / runs;
}

async function cpu(client: Client, { works, base, milliseconds, warm }: CpuTask): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const work of works) {
    // The first run loads what a client loads when it is first used.
    await run(client, work);
    await repeat(client, work, warm / works.length, LEAST_RUNS);
  }
  if (base !== undefined) await repeat(client, base, warm / 4, LEAST_RUNS);
  const least = base === undefined ? 0 : await repeat(client, base, milliseconds / 2, LEAST_RUNS);
  for (const work of works) {
    const units = work.units - (base?.units ?? 0);
    figures[work.prompt] = ((await repeat(client, work, milliseconds, LEAST_RUNS)) - least) / units;
  }
  return figures;
}

async function first(client: Client, requests: number): Promise<Figures> {
  const times: number[] = [];
  const ask = async (): Promise<void> => {
    const begun = performance.now();
    let came = NaN;
    const seen = await client.text('first', () => {
      if (Number.isNaN(came)) came = performance.now();
    }).ended;
    check('first', seen);
    times.push(came - begun);
  };
  for (let count = 0; count < WARM_REQUESTS; count += 1) await ask();
  times.length = 0;
  const begun = process.cpuUsage();
  for (let count = 0; count < requests; count += 1) await ask();
  return { first: summary(times).median, 'cpu a request': cpuMilliseconds(begun) / requests };
}

/** All streams at once, to their ends: the delays of their deltas. */
async function pacedOnce(client: Client, { streams, interval, count }: PacedTask): Promise<Figures> {
  const delays: { readonly written: number; readonly delay: number }[] = [];
  let open = 0;
  let steady = Infinity;
  const started = Array.from({ length: streams }, () => {
    let rest = '';
    let isOpen = false;
    return client.text(`paced ${String(interval)} ${String(count)}`, (text) => {
      const now = (performance.timeOrigin + performance.now()) * 1_000;
      rest += text;
      const parts = rest.split(' ');
      rest = parts.pop() ?? '';
      for (const part of parts) delays.push({ written: Number(part), delay: (now - Number(part)) / 1_000 });
      if (isOpen) return;
      isOpen = true;
      open += 1;
      // What was written while streams were still being opened tells of their opening.
      if (open === streams) steady = now;
    });
  });
  const begun = process.cpuUsage();
  await Promise.all(started.map(({ ended }) => ended));
  if (delays.length !== streams * count) throw new Error(`saw ${String(delays.length)} deltas, not ${String(streams * count)}`);
  const sorted = delays.flatMap(({ written, delay }) => (written >= steady ? delay : [])).sort((left, right) => left - right);
  const at = (part: number): number => sorted[Math.floor(part * sorted.length)] ?? NaN;
  return { p50: at(0.5), p95: at(0.95), cpu: cpuMilliseconds(begun) };
}

/** The second time: the first one warms up what is hot, in the form in which it is measured. */
async function paced(client: Client, task: PacedTask): Promise<Figures> {
  await pacedOnce(client, task);
  return pacedOnce(client, task);
}

function heap(): number {
  for (let round = 0; round < 4; round += 1) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Resolves when each stream has shown its first text and is quiet. */
async function openQuiet(client: Client, streams: number): Promise<readonly Started[]> {
  const opened: Started[] = [];
  await Promise.all(
    Array.from({ length: streams }, () =>
      new Promise<void>((resolve, reject) => {
        const started = client.text('idle', () => resolve());
        started.ended.catch(reject);
        opened.push(started);
      }),
    ),
  );
  return opened;
}

async function stopAll(opened: readonly Started[]): Promise<void> {
  for (const started of opened) {
    started.ended.catch(ignore);
    started.stop();
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}

async function heapOfStreams(client: Client, streams: number): Promise<Figures> {
  await stopAll(await openQuiet(client, streams / 4));
  const before = heap();
  const opened = await openQuiet(client, streams);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const kibibytes = (heap() - before) / streams / 1_024;
  await stopAll(opened);
  return { heap: kibibytes };
}

function measure(client: Client, task: Task): Promise<Figures> {
  switch (task.kind) {
    case 'cpu':
      return cpu(client, task);
    case 'first':
      return first(client, task.requests);
    case 'paced':
      return paced(client, task);
    case 'heap':
      return heapOfStreams(client, task.streams);
  }
}

async function main(): Promise<void> {
  const order: Order = JSON.parse(process.argv[2] ?? '{}');
  const { connect }: { readonly connect: Connect } = await import(order.client);
  const figures = await measure(await connect({ url: order.url }), order.task);
  console.log(JSON.stringify(figures));
  process.exit(0);
}

void main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
