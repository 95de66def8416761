import { Command as Program, CommanderError, InvalidArgumentError, Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { providerNames, services, type ProviderName } from './services.js';
import { splitCommand, type ServerCommand } from './split-command.js';
import { version } from './version.js';

/** What the demo asks where nothing else is. */
export const demoPrompt = 'What is 17 plus 25? Also run a short operation of 2 seconds in 4 steps.';

/** One run of an agent. */
export interface RunCommand {
  readonly type: 'run';
  readonly prompt: string;
  readonly provider: ProviderName;
  /** Null where none was named. */
  readonly model: string | null;
  readonly baseURL: string | null;
  readonly mcp: readonly ServerCommand[];
  /** MCP servers that are reached over Streamable HTTP. */
  readonly mcpUrls: readonly string[];
  /** Whether somebody is asked before each call of a tool. */
  readonly approve: boolean;
  readonly json: boolean;
  readonly record: string | null;
}

/** A recording, shown again. */
export interface ReplayCommand {
  readonly type: 'replay';
  readonly file: string;
  readonly speed: number;
  readonly json: boolean;
}

/** A recording, drawn. */
export interface MarblesCommand {
  readonly type: 'marbles';
  readonly file: string;
  /** Where an SVG is written, `-` for standard output; null to draw in the terminal. */
  readonly svg: string | null;
}

/** Nothing left to do: help was shown, or the arguments make no sense. */
interface ExitCommand {
  readonly type: 'exit';
  readonly code: 0 | 2;
}

export type Command = RunCommand | ReplayCommand | MarblesCommand | ExitCommand;

/** Where help and complaints are written. */
export interface HelpSinks {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

interface RunFlags {
  readonly provider: ProviderName;
  readonly model?: string;
  readonly baseUrl?: string;
  readonly mcp: readonly ServerCommand[];
  readonly mcpUrl: readonly string[];
  readonly approve?: boolean;
  readonly json?: boolean;
  readonly record?: string;
}

interface ReplayFlags {
  readonly speed: number;
  readonly json?: boolean;
}

interface MarblesFlags {
  readonly svg?: string;
}

/** One line for each provider; where it needs more, they stand below each other. */
const perProvider = (lines: (name: ProviderName) => readonly string[]): string =>
  providerNames.map((name) => `  ${name.padEnd(10)} ${lines(name).join(`\n${' '.repeat(13)}`)}`).join('\n');

const environmentHelp = `
Keys are never arguments; they come from the environment:
${perProvider((name) => services[name].environment)}
`;

const exitCodes = `
Exit codes: 0 done; 1 the run failed; 2 the arguments make no sense; 130 Ctrl-C; 143 SIGTERM.`;

const aboutMarbles = `
Time runs from left to right, on the clock of the recording; a long wait is drawn short and marked with its length.
It is as wide as the terminal, or as COLUMNS says, or 80 columns. Of a file that is damaged or cut off it draws what
can be read, says which lines cannot, and ends with 1.`;

const defaultModels = providerNames.map((name) => `"${services[name].defaultModel}" for ${name}`).join(', ');

function parseServer(line: string, before: readonly ServerCommand[]): readonly ServerCommand[] {
  const split = splitCommand(line);
  if (E.isLeft(split)) throw new InvalidArgumentError(`${split.left}.`);
  return [...before, split.right];
}

function parseSpeed(text: string): number {
  const speed = text === 'max' ? Infinity : Number(text);
  if (!(speed > 0)) throw new InvalidArgumentError('Give a number above 0, or max.');
  return speed;
}

function parseUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/u.test(new URL(text).protocol)) throw new InvalidArgumentError('Give an http or https address.');
  return text;
}

const parseUrls = (text: string, before: readonly string[]): readonly string[] => [...before, parseUrl(text)];

const noServers: readonly ServerCommand[] = [];
const noUrls: readonly string[] = [];

function withRunOptions(program: Program): Program {
  return program
    .addOption(new Option('--provider <name>', 'whose model to ask').choices(providerNames).default('anthropic'))
    .option('--model <name>', `the model to ask; for bedrock also an inference profile or an ARN (default: ${defaultModels})`)
    .option('--base-url <url>', 'where the service is; for bedrock its endpoint (default: what the SDK knows)', parseUrl)
    .addOption(
      new Option('--mcp <command>', 'an MCP server whose tools the model may use, started over stdio; may be repeated')
        .argParser(parseServer)
        .default(noServers, 'none'),
    )
    .addOption(
      new Option('--mcp-url <url>', 'an MCP server at an address: https, or http on this machine; may be repeated').argParser(parseUrls).default(noUrls, 'none'),
    )
    .option('--approve', 'ask at the terminal before each call of a tool; without a terminal every call is denied')
    .option('--json', 'print one event a line, as JSON, and nothing else on standard output')
    .option('--record <file>', 'write the events to a file, for replay');
}

function toRun(program: Program, prompt: string, flags: RunFlags): RunCommand {
  if (prompt.trim() === '') program.error('error: the prompt is empty', { exitCode: 2 });
  const { provider, model = null, baseUrl = null, mcp, mcpUrl, approve = false, json = false, record = null } = flags;
  return { type: 'run', prompt: prompt.trim(), provider, model, baseURL: baseUrl, mcp, mcpUrls: mcpUrl, approve, json, record };
}

/** A prompt may begin with a minus (`-3 plus 4`, `- a list`); a space in front keeps it from being read as an option. */
function asOperand(argument: string): string {
  return /^-(?:[\d.\s]|[^-].*\s)/su.test(argument) ? ` ${argument}` : argument;
}

type Define = (program: Program, found: (command: Command) => void) => void;

function parse(name: string, define: Define, argv: readonly string[], sinks: HelpSinks): Command {
  const program = new Program(name).version(version).exitOverride().configureOutput({ writeOut: sinks.out, writeErr: sinks.err });
  let command: Command = { type: 'exit', code: 2 };
  define(program, (found) => {
    command = found;
  });
  try {
    program.parse(argv.map(asOperand), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { type: 'exit', code: error.exitCode === 0 ? 0 : 2 };
  }
  return command;
}

/** Reads the arguments of `coldstream`. */
export function parseArguments(argv: readonly string[], sinks: HelpSinks): Command {
  const define: Define = (program, found) => {
    program.description('Runs streaming LLM agents, and shows what they do as they do it.').addHelpText('after', environmentHelp + exitCodes);
    withRunOptions(program.command('run').description('run an agent once').argument('<prompt>', 'what to ask'))
      .addHelpText('after', environmentHelp + exitCodes)
      .action((prompt: string, flags: RunFlags) => found(toRun(program, prompt, flags)));
    program
      .command('replay')
      .description('show a recording again')
      .argument('<file>', 'what run --record has written')
      .addOption(new Option('--speed <factor>', 'how many times as fast as it was; max for no waits').argParser(parseSpeed).default(1))
      .option('--json', 'print one event a line, as JSON, and nothing else on standard output')
      .action((file: string, { speed, json = false }: ReplayFlags) => found({ type: 'replay', file, speed, json }));
    program
      .command('marbles')
      .description('draw a recording as a marble diagram: who did what when')
      .argument('<file>', 'what run --record has written')
      .option('--svg <file>', 'write a picture for a page instead, 800 pixels wide; - for standard output')
      .addHelpText('after', aboutMarbles)
      .action((file: string, { svg }: MarblesFlags) => found({ type: 'marbles', file, svg: svg ?? null }));
  };
  return parse('coldstream', define, argv, sinks);
}

const aboutDemo = `
Without credentials it starts a model server of its own on this machine, which speaks the wire of the provider
(Bedrock's over HTTP/2). That server is a scripted stand-in and no model: it can have numbers added and operations run
by the tools that it is offered, and says so when it is asked anything else. The same program talks to the real service
with --base-url, or once one of these is set:
${perProvider((name) => [services[name].keyVariables.join(', ')])}
Unless --mcp or --mcp-url names others, the tools are those of @modelcontextprotocol/server-everything.
`;

/** Reads the arguments of the demo. */
export function parseDemoArguments(argv: readonly string[], sinks: HelpSinks): Command {
  const define: Define = (program, found) => {
    withRunOptions(program.description('Shows an agent run from end to end.').argument('[prompt]', 'what to ask', demoPrompt))
      .addHelpText('after', aboutDemo + environmentHelp + exitCodes)
      .action((prompt: string, flags: RunFlags) => found(toRun(program, prompt, flags)));
  };
  return parse('demo', define, argv, sinks);
}
