import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';

interface Manifest {
  readonly name: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

const root = join(__dirname, '..');
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

export const packageName = manifest.name;

/** What an application brings itself. */
export const peers: readonly string[] = Object.keys(manifest.peerDependencies);

/** What an application can import, by its name: `coldstream/operators`. */
export const entryPoints: readonly string[] = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.replace('.', packageName));

interface BundledSize {
  /** Minified and gzipped. */
  readonly bytes: number;
  readonly modules: readonly (readonly [file: string, bytes: number])[];
}

/** The modules that are in the bundle, by the bytes that they bring. */
function modulesOf({ outputs }: Metafile): readonly (readonly [string, number])[] {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs).map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const))
    .filter(([, bytes]) => bytes > 0)
    .sort(([, left], [, right]) => right - left);
}

/** What an application that holds this code downloads; it stands in this folder, where the package finds itself by its own name. */
export async function bundledSize(code: string, platform: 'browser' | 'node' = 'browser'): Promise<BundledSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: root, sourcefile: 'application.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform,
    target: 'es2022',
    external: peers.flatMap((peer) => [peer, `${peer}/*`]),
    // The condition alone decides that the built files are measured, never the sources.
    conditions: ['import'],
    tsconfigRaw: {},
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const text = outputFiles.map((file) => file.text).join('');
  return { bytes: text.trim() === '' ? 0 : gzipSync(text, { level: 9 }).length, modules: modulesOf(metafile) };
}
