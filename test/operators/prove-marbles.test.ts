import { execFile } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '../..');

interface Ending {
  readonly code: number;
  readonly output: string;
}

function proveMarbles(...args: readonly string[]): Promise<Ending> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['--import', 'tsx', 'scripts/prove-marbles.ts', ...args], { cwd: root }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

// The whole of it is `npm run prove-marbles`; this is one operator of it.
describe('prove-marbles', () => {
  it('sees the tests of an operator fail when it is the identity and when it cannot be unsubscribed', async () => {
    const { code, output } = await proveMarbles('--only', 'untilError');
    expect(output).toMatch(/red +until-error +replaced by the identity/);
    expect(output).toMatch(/red +until-error +ignoring unsubscription/);
    expect(output).toContain('all 2 went red');
    expect(code).toBe(0);
  }, 120_000);

  it('refuses what is no operator', async () => {
    const { code, output } = await proveMarbles('--only', 'textsOnly');
    expect(output).toContain('no such operator: textsOnly');
    expect(code).toBe(2);
  }, 120_000);
});
