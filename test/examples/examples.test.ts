import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(__dirname, '../..');
const examples = readdirSync(join(root, 'examples')).filter((file) => file.endsWith('.ts'));

/** Runs an example the way a reader does, without any key; rejects if it does not exit with 0. */
async function run(example: string): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', join('examples', example)], {
    cwd: root,
    env: { PATH, HOME },
  });
  return stdout;
}

describe('the examples', () => {
  it.each(examples)('%s runs as it stands', async (example) => {
    expect(await run(example)).not.toBe('');
  });

  it('the first program of the README asks the tool and gives its answer', async () => {
    const output = await run('first-program.ts');
    expect(output).toContain('> sum {"a":17,"b":25}');
    expect(output).toContain('42');
  });
});
