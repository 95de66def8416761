import { defer, finalize, switchMap, takeWhile, type Observable } from 'rxjs';
import { agent } from '../agent/agent.js';
import { isTerminal, isTopLevel } from '../events/construct.js';
import type { StreamEvent } from '../events/events.js';
import { mockModelServer } from '../mock-server/index.js';
import type { Provider } from '../provider.js';
import { anthropic } from '../providers/anthropic/index.js';
import { bedrock } from '../providers/bedrock/index.js';
import { mcpHttp, mcpStdio, mcpTools } from '../tools/mcp/index.js';
import type { Asker } from './approval.js';
import { readyForAws, variable } from './environment.js';
import type { RunCommand } from './options.js';
import { services, type ProviderName } from './services.js';

/** Told of what is worth knowing but stops nothing: a tool that was left out, say. */
export type OnWarning = (message: string) => void;

/** What a run needs of its surroundings. */
export interface Surroundings {
  readonly onWarning: OnWarning;
  /** Somebody who can be asked, for as long as the run takes; used where the command wants it. */
  readonly asker: () => Asker;
}

/** The tools of one server keep their names; with several servers each has a namespace of its own. */
function toolSources({ mcp, mcpUrls }: RunCommand, onWarning: OnWarning) {
  const clients = [...mcp.map(({ command, args }) => mcpStdio(command, args, { onWarning })), ...mcpUrls.map((url) => mcpHttp(url, { onWarning }))];
  return clients.map((client$, index) =>
    mcpTools(client$, {
      onWarning,
      ...(clients.length > 1 && { namespace: `mcp${index + 1}` }),
    }),
  );
}

const ignore = (): void => undefined;

/** Begins to load what the provider will ask for, so that it is there when the tools are; the provider tells what fails. */
function loadAhead(provider: ProviderName): void {
  const loading = provider === 'anthropic' ? import('@anthropic-ai/sdk') : import('@aws-sdk/client-bedrock-runtime');
  loading.then(ignore, ignore);
}

/** The service itself, or whatever `--base-url` names. */
function serviceProvider({ provider, baseURL, ...command }: RunCommand): Provider {
  const model = command.model ?? services[provider].defaultModel;
  if (provider === 'bedrock') return bedrock({ model, ...(baseURL !== null && { endpoint: baseURL }) });
  const apiKey = variable('ANTHROPIC_API_KEY');
  return anthropic({ model, ...(baseURL !== null && { baseURL }), ...(apiKey !== undefined && { apiKey }) });
}

const anyKey = 'none-needed';

/** The same provider for the embedded server, which wants a key or a signature and does not look what it is. */
function standInProvider({ provider, model }: RunCommand, url: string): Provider {
  const asked = model ?? 'scripted-stand-in';
  return provider === 'bedrock'
    ? bedrock({ model: asked, endpoint: url, region: 'us-east-1', credentials: { accessKeyId: anyKey, secretAccessKey: anyKey } })
    : anthropic({ model: asked, baseURL: url, apiKey: anyKey });
}

function runWith(provider: Provider, command: RunCommand, { onWarning, asker }: Surroundings): Observable<StreamEvent> {
  const { prompt, approve } = command;
  const parts = { provider, tools: toolSources(command, onWarning) };
  if (!approve) return agent(parts)(prompt);
  return defer(() => {
    const person = asker();
    return agent({ ...parts, approve: (call, { tool }) => person.ask(call, tool) })(prompt).pipe(finalize(() => person.close()));
  });
}

/** One run of an agent against the service, or whatever `--base-url` names. */
export function runAgent(command: RunCommand, surroundings: Surroundings): Observable<StreamEvent> {
  return defer(() => {
    readyForAws(false);
    loadAhead(command.provider);
    return runWith(serviceProvider(command), command, surroundings);
  });
}

/** Slow enough to be watched. */
const demoPaceMs = 25;

/** The same run against the embedded scripted server, which lives as long as the run. */
export function runAgainstStandIn(command: RunCommand, surroundings: Surroundings): Observable<StreamEvent> {
  return defer(() => {
    readyForAws(true);
    loadAhead(command.provider);
    return mockModelServer({ paceMs: demoPaceMs });
  }).pipe(
    switchMap(({ url }) => runWith(standInProvider(command, url), command, surroundings)),
    takeWhile((event) => !(isTerminal(event) && isTopLevel(event)), true),
  );
}
