import { defer, firstValueFrom, type Observable } from 'rxjs';
import type { StreamEvent } from '../events/events.js';
import { askerAt } from './approval.js';
import { variable } from './environment.js';
import { drawRecording } from './draw.js';
import { everythingServer } from './everything-server.js';
import type { Command, HelpSinks, ReplayCommand, RunCommand } from './options.js';
import { jsonOutput, redactor, textOutput, type Output, type Redact } from './output.js';
import { printableLine } from './printable.js';
import { recordToFile, replayFile } from './recording.js';
import { runAgainstStandIn, runAgent, type OnWarning } from './run.js';
import { secretVariables, services } from './services.js';
import { exitCodeOf } from './session.js';
import { watchStops } from './stops.js';
import { terminal } from './terminal.js';

/** Which program was started. */
export interface ProgramKind {
  readonly parse: (argv: readonly string[], sinks: HelpSinks) => Command;
  readonly isDemo: boolean;
}

/** `A`, `A and B`, `A, B and C`. */
const inWords = (names: readonly string[]): string => names.join(', ').replace(/, (?=[^,]*$)/u, ' and ');

const standInNotice = (names: readonly string[]): string =>
  `${inWords(names)} ${names.length === 1 ? 'is' : 'are'} not set: the answers come from the embedded scripted server, which is no model.\n`;

/** How long what is left may take to end (a tool's process, a socket) before the program ends all the same. */
const lastMomentsMs = 5_000;

function outputFor(command: RunCommand | ReplayCommand, redact: Redact, showsPrompt: boolean): Output {
  const { stdout, stderr } = process;
  const provider = command.type === 'run' ? command.provider : null;
  return command.json
    ? jsonOutput(stdout, stderr, redact, provider)
    : textOutput(terminal(stdout, stderr, process.env), redact, { showsPrompt, provider });
}

/** A server that announces new tools is read again, and would warn of the same again. */
function warnOnce(redact: Redact): OnWarning {
  const seen = new Set<string>();
  return (message) => {
    if (seen.has(message)) return;
    seen.add(message);
    process.stderr.write(redact(`coldstream: ${printableLine(message, 500)}\n`));
  };
}

function runOf(given: RunCommand, isDemo: boolean, output: Output, redact: Redact): Observable<StreamEvent> {
  const hasOwnServer = isDemo && given.mcp.length + given.mcpUrls.length === 0;
  const command = hasOwnServer ? { ...given, mcp: [everythingServer(process.argv[1] ?? '')] } : given;
  // What the demo's own server has to warn of is nothing that its reader can change.
  const onWarning: OnWarning = hasOwnServer ? () => undefined : warnOnce(redact);
  const { keyVariables } = services[command.provider];
  const usesStandIn = isDemo && command.baseURL === null && keyVariables.every((name) => variable(name) === undefined);
  if (usesStandIn) output.notice(standInNotice(keyVariables));
  const { stdin, stderr } = process;
  const surroundings = { onWarning, asker: () => askerAt({ stdin, stderr, output, redact }) };
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
  const redact = redactor(secretVariables.map(variable));
  if (command.type === 'marbles') {
    // A reader that goes away (`| head`) is no failure here either.
    void watchStops(() => undefined);
    process.exitCode = drawRecording(command, redact, process);
    return;
  }
  const output = outputFor(command, redact, isDemo || command.type === 'replay');
  const stops$ = watchStops(() => output.close());
  const events$ = command.type === 'replay' ? replayFile(command.file, command.speed) : defer(() => runOf(command, isDemo, output, redact));
  const unfinished = command.type === 'replay' ? 'The recording ends before the run did.' : undefined;
  firstValueFrom(exitCodeOf(events$, output, stops$, unfinished), { defaultValue: 1 }).then(leave, (error: unknown) => {
    output.failure(error);
    leave(1);
  });
}
