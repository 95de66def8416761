import * as E from 'fp-ts/lib/Either.js';
import { splitCommand } from '../../src/cli/split-command.js';

describe('splitting a command line without a shell (D13)', () => {
  test.each<[string, readonly string[]]>([
    ['node', ['node']],
    ['  npx -y  server   /tmp ', ['npx', '-y', 'server', '/tmp']],
    [`a "b c" 'd "e"' f\\ g`, ['a', 'b c', 'd "e"', 'f g']],
    [`a "b \\"c\\" \\\\ \\n"`, ['a', 'b "c" \\ \\n']],
    [`a x"y z"'w'`, ['a', 'xy zw']],
    [`a "" ''`, ['a', '', '']],
    ['a $HOME;rm *', ['a', '$HOME;rm', '*']],
    ['"/opt/my server/run"', ['/opt/my server/run']],
  ])('%s', (line, [command, ...args]) => {
    expect(splitCommand(line)).toEqual(E.right({ command, args }));
  });

  test.each([`a "b`, `a 'b`, 'a \\'])('refuses what is left open: %s', (line) => {
    expect(splitCommand(line)).toEqual(E.left('a quote or a backslash at character 3 is left open'));
  });

  test.each(['', '   ', '""'])('refuses a line without a program: %j', (line) => {
    expect(splitCommand(line)).toEqual(E.left('it names no program'));
  });
});
