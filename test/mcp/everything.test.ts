import { createRequire } from 'node:module';
import { join } from 'node:path';
import { mcpStdio } from 'coldstream/mcp';
import { mark, nobodyLeft, outcome, outputs, using } from './support.js';

afterEach(nobodyLeft);

const manifest = createRequire(join(process.cwd(), 'package.json')).resolve('@modelcontextprotocol/server-everything/package.json');
const everything = () => mcpStdio(process.execPath, [join(manifest, '../dist/index.js'), 'stdio'], { env: mark });

describe('a real server, @modelcontextprotocol/server-everything', () => {
  it('adds, reports progress, and answers with structured content and images', () =>
    using(everything(), {}, async (find) => {
      expect(await outcome(find('get-sum'), { a: 17, b: 25 })).toMatchObject({ isError: false, content: [{ text: expect.stringContaining('42') }] });
      expect(await outcome(find('get-sum'), { a: 'x' })).toMatchObject({ isError: true });

      const long = await outputs(find('trigger-long-running-operation'), { duration: 0.1, steps: 5 });
      expect(long.map((output) => (output.type === 'tool_progress' ? [output.content.progress, output.content.total] : output.type))).toEqual([
        [1, 5],
        [2, 5],
        [3, 5],
        [4, 5],
        [5, 5],
        'tool_outcome',
      ]);

      expect((await outcome(find('get-structured-content'), { location: 'New York' })).structured).toHaveProperty('temperature');
      expect((await outcome(find('get-tiny-image'))).content.map(({ type }) => type)).toContain('image');
    }));

  it('D15 is reached under a namespace', () =>
    using(everything(), { namespace: 'demo' }, async (find) => {
      expect(await outcome(find('demo__echo'), { message: 'hi' })).toMatchObject({ content: [{ text: 'Echo: hi' }] });
    }));
});
