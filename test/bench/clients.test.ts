import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Client, Connect } from '../../bench/client.js';
import { expected } from '../../bench/server/script.js';
import { startServices } from '../../bench/server/services.js';
import { full, series } from '../../bench/series.js';

const folder = join(__dirname, '../../bench/clients');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replace('.ts', ''));

const prompts = ['text 1000', 'first', 'input 4096', 'loop 3'];

describe.each(names)('bench client %s', (name) => {
  let services: Awaited<ReturnType<typeof startServices>>;
  let client: Client;

  beforeAll(async () => {
    services = await startServices();
    const { http1, http2 } = services.addresses;
    const { connect }: { connect: Connect } = await import(join(folder, name));
    client = await connect({ url: name.startsWith('bedrock') && !name.endsWith('http1') ? http2 : http1 });
  });
  afterAll(() => services.close());

  it.each(prompts)('sees every character of "%s"', async (prompt) => {
    const [kind] = prompt.split(' ');
    let told = 0;
    const onText = (text: string): void => {
      told += text.length;
    };
    const started = kind === 'input' ? client.toolInput?.(prompt) : kind === 'loop' ? client.loop?.(prompt, onText) : client.text(prompt, onText);
    if (started === undefined) return;
    const seen = await started.ended;
    expect(seen).toEqual(expected(prompt));
    expect(kind === 'input' ? seen.characters : told).toBe(seen.characters);
  });

  it('is told of a paced text by and by, and stops in the middle of one', async () => {
    const pieces: string[] = [];
    await new Promise<void>((resolve) => {
      const { ended, stop } = client.text('paced 1 1000', (text) => {
        pieces.push(text);
        if (pieces.length !== 3) return;
        stop();
        resolve();
      });
      ended.catch(() => undefined);
    });
    // While another one is told to its end, the one that was stopped would have gone on.
    await client.text('paced 1 60', () => undefined).ended;
    expect(pieces.length).toBeLessThan(30);
    expect(pieces.every((piece) => /^[0-9]{16} $/.test(piece))).toBe(true);
  });
});

it('measures no client that is not there, and each that is', () => {
  const measured = new Set(series(full).flatMap(({ clients }) => clients));
  expect([...measured].sort()).toEqual([...names].sort());
});
