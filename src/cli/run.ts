import { defer, switchMap, takeWhile, type Observable } from 'rxjs';
import { agent } from '../agent/agent.js';
import { isTerminal, isTopLevel } from '../events/construct.js';
import type { StreamEvent } from '../events/events.js';
import { mockModelServer } from '../mock-server/index.js';
import { anthropic } from '../providers/anthropic/index.js';
import { mcpStdio, mcpTools } from '../tools/mcp/index.js';
import { defaultModel, type RunCommand } from './options.js';
import type { ServerCommand } from './split-command.js';

/** What a run needs beside its command. */
export interface RunSurroundings {
  readonly apiKey: string | undefined;
  /** Told of what is worth knowing but stops nothing: a tool that was left out, say. */
  readonly onWarning: (message: string) => void;
}

/** The tools of one server keep their names; with several servers each has a namespace of its own. */
function toolSources(servers: readonly ServerCommand[], onWarning: (message: string) => void) {
  return servers.map(({ command, args }, index) =>
    mcpTools(mcpStdio(command, args, { onWarning }), {
      onWarning,
      ...(servers.length > 1 && { namespace: `mcp${index + 1}` }),
    }),
  );
}

const ignore = (): void => undefined;

/** Begins to load what the provider will ask for, so that it is there when the tools are; the provider tells what fails. */
function loadAhead(): void {
  import('@anthropic-ai/sdk').then(ignore, ignore);
}

/** One run of an agent against the service, or whatever `--base-url` names. */
export function runAgent(command: RunCommand, { apiKey, onWarning }: RunSurroundings): Observable<StreamEvent> {
  return defer(() => {
    loadAhead();
    const provider = anthropic({
      model: command.model ?? defaultModel,
      ...(command.baseURL !== null && { baseURL: command.baseURL }),
      ...(apiKey !== undefined && { apiKey }),
    });
    return agent({ provider, tools: toolSources(command.mcp, onWarning) })(command.prompt);
  });
}

/** Slow enough to be watched. */
const demoPaceMs = 25;

/** The same run against the embedded scripted server, which lives as long as the run. */
export function runAgainstStandIn(command: RunCommand, surroundings: RunSurroundings): Observable<StreamEvent> {
  return mockModelServer({ paceMs: demoPaceMs }).pipe(
    switchMap(({ url }) =>
      runAgent({ ...command, baseURL: url, model: command.model ?? 'scripted-stand-in' }, { ...surroundings, apiKey: 'none-needed' }),
    ),
    takeWhile((event) => !(isTerminal(event) && isTopLevel(event)), true),
  );
}
