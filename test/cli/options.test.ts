import { readFileSync } from 'node:fs';
import { demoPrompt, parseArguments, parseDemoArguments, type Command } from '../../src/cli/options.js';
import { version } from '../../src/cli/version.js';

function read(parse: typeof parseArguments, ...argv: string[]): { readonly command: Command; readonly out: string; readonly err: string } {
  let [out, err] = ['', ''];
  const command = parse(argv, { out: (text) => (out += text), err: (text) => (err += text) });
  return { command, out, err };
}

const plainRun = { type: 'run', prompt: 'hi', provider: 'anthropic', model: null, baseURL: null, mcp: [], mcpUrls: [], approve: false, json: false, record: null };

describe('the arguments', () => {
  test('of run', () => {
    expect(read(parseArguments, 'run', 'hi').command).toEqual(plainRun);
    const { command } = read(
      parseArguments,
      ...['run', 'hi', '--provider', 'anthropic', '--model', 'any', '--base-url', 'http://127.0.0.1:1', '--json', '--record', 'a.jsonl'],
      ...['--mcp', 'one "1 2"', '--mcp', 'two', '--mcp-url', 'http://127.0.0.1:1/mcp', '--mcp-url', 'https://mcp.example/'],
    );
    const mcp = [
      { command: 'one', args: ['1 2'] },
      { command: 'two', args: [] },
    ];
    const mcpUrls = ['http://127.0.0.1:1/mcp', 'https://mcp.example/'];
    expect(command).toEqual({ ...plainRun, model: 'any', baseURL: 'http://127.0.0.1:1', json: true, record: 'a.jsonl', mcp, mcpUrls });
  });

  test('of run, for another provider', () => {
    const { command } = read(parseArguments, 'run', 'hi', '--provider', 'bedrock', '--base-url', 'https://bedrock.example');
    expect(command).toEqual({ ...plainRun, provider: 'bedrock', baseURL: 'https://bedrock.example' });
    expect(read(parseDemoArguments, 'hi', '--provider', 'bedrock').command).toEqual({ ...plainRun, provider: 'bedrock' });
  });

  test('of one call are not those of the next', () => {
    read(parseArguments, 'run', 'hi', '--mcp', 'one');
    expect(read(parseArguments, 'run', 'hi').command).toEqual(plainRun);
  });

  test.each([['-3.5 plus 4'], ['- a list'], ['-3'], ['--json is what?']])('take a prompt that begins with a minus: %s', (prompt) => {
    expect(read(parseDemoArguments, ...(prompt.startsWith('--') ? ['--', prompt] : [prompt])).command).toEqual({ ...plainRun, prompt });
  });

  test('of the demo, which has a prompt of its own', () => {
    expect(read(parseDemoArguments, '--json').command).toEqual({ ...plainRun, prompt: demoPrompt, json: true });
  });

  test('of replay', () => {
    expect(read(parseArguments, 'replay', 'a.jsonl').command).toEqual({ type: 'replay', file: 'a.jsonl', speed: 1, json: false });
    expect(read(parseArguments, 'replay', 'a', '--speed', '2.5', '--json').command).toEqual({ type: 'replay', file: 'a', speed: 2.5, json: true });
    expect(read(parseArguments, 'replay', 'a', '--speed', 'max').command).toMatchObject({ speed: Infinity });
  });

  test('of run and of the demo, with somebody to ask', () => {
    expect(read(parseArguments, 'run', 'hi', '--approve').command).toEqual({ ...plainRun, approve: true });
    expect(read(parseDemoArguments, '--approve').command).toEqual({ ...plainRun, prompt: demoPrompt, approve: true });
  });

  test('of marbles', () => {
    expect(read(parseArguments, 'marbles', 'a.jsonl').command).toEqual({ type: 'marbles', file: 'a.jsonl', svg: null });
    expect(read(parseArguments, 'marbles', 'a.jsonl', '--svg', 'a.svg').command).toEqual({ type: 'marbles', file: 'a.jsonl', svg: 'a.svg' });
  });

  test.each([
    [[], 'Usage'],
    [['run'], 'prompt'],
    [['run', ' '], 'empty'],
    [['run', 'a', 'b'], 'too many'],
    [['run', 'a', '--nonsense'], '--nonsense'],
    [['walk'], 'walk'],
    [['run', 'a', '--provider', 'other'], 'other'],
    [['run', 'a', '--provider', 'Bedrock'], 'Allowed choices are anthropic, bedrock'],
    [['run', 'a', '--base-url', 'nowhere'], 'http'],
    [['run', 'a', '--mcp', 'x "y'], 'left open'],
    [['run', 'a', '--mcp-url', 'nowhere'], 'http'],
    [['replay'], 'file'],
    [['marbles'], 'file'],
    [['marbles', 'a', '--svg'], 'argument missing'],
    [['replay', 'a', '--speed', '0'], 'above 0'],
    [['replay', 'a', '--speed', 'fast'], 'above 0'],
  ])('that make no sense are refused with code 2: %j', (argv, said) => {
    const { command, out, err } = read(parseArguments, ...argv);
    expect(command).toEqual({ type: 'exit', code: 2 });
    expect(err).toContain(said);
    expect(out).toBe('');
  });

  test.each([[['--help']], [['run', '--help']], [['replay', '--help']], [['marbles', '--help']], [['help', 'run']]])('ask for help: %j', (argv) => {
    const { command, out, err } = read(parseArguments, ...argv);
    expect(command).toEqual({ type: 'exit', code: 0 });
    expect(out).toContain('Usage');
    expect(err).toBe('');
  });

  test('the help of the demo says what answers', () => {
    expect(read(parseDemoArguments, '--help').out).toContain('scripted stand-in');
  });

  test.each([[parseArguments, ['--help']], [parseArguments, ['run', '--help']], [parseDemoArguments, ['--help']]])(
    'the help tells of each provider: models, keys, region (%#)',
    (parse, argv) => {
      const { out } = read(parse, ...argv);
      expect(out).toContain('ANTHROPIC_API_KEY');
      expect(out).toMatch(/AWS_REGION[\s\S]*AWS_ACCESS_KEY_ID[\s\S]*AWS_PROFILE[\s\S]*AWS_BEARER_TOKEN_BEDROCK[\s\S]*AWS_EC2_METADATA_DISABLED/u);
      if (argv.length === 2 || parse === parseDemoArguments) {
        expect(out.replace(/\s+/gu, ' ')).toContain('"claude-sonnet-5" for anthropic, "global.amazon.nova-2-lite-v1:0" for bedrock');
      }
    },
  );

  test('ask for the version, which is that of the package', () => {
    expect(read(parseArguments, '--version')).toEqual({ command: { type: 'exit', code: 0 }, out: `${version}\n`, err: '' });
    expect(JSON.parse(readFileSync('package.json', 'utf8'))).toMatchObject({ version });
  });
});
