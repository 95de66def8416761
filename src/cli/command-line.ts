import { defer, firstValueFrom, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { everythingServer } from './everything-server.js';
import type { Command, HelpSinks, ReplayCommand, RunCommand } from './options.js';
import { jsonOutput, redactor, textOutput, type Output, type Redact } from './output.js';
import { printableLine } from './printable.js';
import { recordToFile, replayFile } from './recording.js';
import { runAgainstStandIn, runAgent, type RunSurroundings } from './run.js';
import { exitCodeOf } from './session.js';
import { watchStops } from './stops.js';
import { terminal } from './terminal.js';

/** Which program was started. */
export interface ProgramKind {
  readonly parse: (argv: readonly string[], sinks: HelpSinks) => Command;
  readonly isDemo: boolean;
}

const standInNotice =
  'ANTHROPIC_API_KEY is not set: the answers come from the embedded scripted server, which is no model.\n';

/** How long what is left may take to end (a tool's process, a socket) before the program ends all the same. */
const lastMomentsMs = 5_000;

function variable(name: string): string | undefined {
  const value = process.env[name]?.trim();
  return value === '' ? undefined : value;
}

function outputFor(command: RunCommand | ReplayCommand, redact: Redact, showsPrompt: boolean): Output {
  const { stdout, stderr } = process;
  return command.json ? jsonOutput(stdout, stderr, redact) : textOutput(terminal(stdout, stderr, process.env), redact, showsPrompt);
}

/** A server that announces new tools is read again, and would warn of the same again. */
function warnOnce(redact: Redact): (message: string) => void {
  const seen = new Set<string>();
  return (message) => {
    if (seen.has(message)) return;
    seen.add(message);
    process.stderr.write(redact(`coldstream: ${printableLine(message, 500)}\n`));
  };
}

function runOf(given: RunCommand, isDemo: boolean, output: Output, redact: Redact): Observable<StreamEvent> {
  const apiKey = variable('ANTHROPIC_API_KEY');
  const hasOwnServer = isDemo && given.mcp.length === 0;
  const command = hasOwnServer ? { ...given, mcp: [everythingServer(process.argv[1] ?? '')] } : given;
  // What the demo's own server has to warn of is nothing that its reader can change.
  const surroundings: RunSurroundings = { apiKey, onWarning: hasOwnServer ? () => undefined : warnOnce(redact) };
  const usesStandIn = isDemo && apiKey === undefined && command.baseURL === null;
  if (usesStandIn) output.notice(standInNotice);
  const run$ = usesStandIn ? runAgainstStandIn(command, surroundings) : runAgent(command, surroundings);
  return command.record === null ? run$ : run$.pipe(recordToFile(command.record, redact));
}

/** Ends the process once nothing is left to do, so that the tools' processes are gone before it. */
function leave(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(code), lastMomentsMs).unref();
}

/** Runs the program on the process's own arguments, streams and signals. */
export function runProgram({ parse, isDemo }: ProgramKind): void {
  const command = parse(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
  if (command.type === 'exit') {
    process.exitCode = command.code;
    return;
  }
  const redact = redactor([variable('ANTHROPIC_API_KEY'), variable('ANTHROPIC_AUTH_TOKEN')]);
  const output = outputFor(command, redact, isDemo || command.type === 'replay');
  const stops$ = watchStops(() => output.close());
  const events$ = command.type === 'replay' ? replayFile(command.file, command.speed) : defer(() => runOf(command, isDemo, output, redact));
  const unfinished = command.type === 'replay' ? 'The recording ends before the run did.' : undefined;
  firstValueFrom(exitCodeOf(events$, output, stops$, unfinished), { defaultValue: 1 }).then(leave, (error: unknown) => {
    output.failure(error);
    leave(1);
  });
}
