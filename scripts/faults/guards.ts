/** A change of one place; `find` stands there exactly once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** What takes the guard of a fault away. */
export interface Removal {
  readonly id: string;
  /** What the product does no longer, in words. */
  readonly without: string;
  readonly edits: readonly Edit[];
  /** The tests that are run; default: all that are titled with the fault. */
  readonly files?: readonly string[];
}

const nextStep = 'src/agent/next-step.ts';
const ledger = 'src/agent/ledger.ts';
const agent = 'src/agent/agent.ts';
const runTool = 'src/tools/run-tool.ts';
const mcp = 'src/tools/mcp';

function removal(id: string, without: string, file: string, find: string, replace = ''): Removal {
  return { id, without, edits: [{ file, find, replace }] };
}

/** Runs tools whatever the turn's stop reason says. */
const anyStop = (id: string): Removal => removal(id, 'tools run only where the turn stopped for them', nextStep, "stopReason === 'tool_use' && toolUses(turn)", 'toolUses(turn)');

const model: readonly Removal[] = [
  removal('M1', 'an unknown tool is answered', runTool, '  if (found === undefined) return of(unknownTool(call.name, tools));\n'),
  removal('M2', 'a call with broken JSON is refused', nextStep, '  if (call.inputError === undefined) return { call };\n', '  return { call };\n'),
  removal('M3', 'an input is checked against its schema', 'src/tools/checked-tool.ts', 'validation.ok ? run(', 'true ? run('),
  removal('M4', 'no input at all is an empty one', 'src/messages/read-input.ts', "  if (text === '') return { input: whenEmpty };\n"),
  removal('M5', 'a call that was cut gets a result', ledger, 'if (uses.length === 0) return undefined;', 'if (this.calls === undefined) return undefined;'),
  anyStop('M6'),
  removal('M7', 'calls of a broken turn are answered', agent, '  yield from(ledger.owed());\n'),
  anyStop('M8'),
  removal('M9', 'an id that comes twice is refused', ledger, "      if (this.calls?.has(call.id) === true) throw new ProtocolError(`The model used the call id ${JSON.stringify(call.id)} twice in one turn.`, { partial: true });\n"),
  removal('M10', 'an empty answer is not kept', ledger, 'turn === null || turn.message.content.length === 0 ? []', 'turn === null ? []'),
  anyStop('M11'),
  removal('M12', 'a paused turn is continued', nextStep, "if (stopReason === 'pause_turn' && !last)", 'if (false)'),
  anyStop('M13'),
  removal('M14', 'a block that we do not know is kept', 'src/providers/anthropic/content-from-wire.ts', "  return { type: 'provider', provider: 'anthropic', block };", "  return { type: 'text', text: '' };"),
  removal('M15', 'the limit of iterations is kept', 'src/agent/iteration.ts', 'const last = start.iteration + 1 >= settings.maxIterations;', 'const last = start.iteration >= settings.maxIterations + 3;'),
  removal('M16', 'a call that is repeated is refused', 'src/agent/repeats.ts', 'if (times <= this.most) return planned;', 'return planned;'),
  removal('M17', 'a history with holes is mended', ledger, 'return repairMessages([...this.loaded, ...this.added, ...this.waiting]);', 'return [...this.loaded, ...this.added, ...this.waiting];'),
  removal('M18', 'a signature goes back as it came', 'src/providers/anthropic/content-from-wire.ts', ": { type, thinking, signature, ...rest(block, 'type', 'thinking', 'signature') };", ": { type, thinking, signature: signature.trim().slice(1), ...rest(block, 'type', 'thinking', 'signature') };"),
  removal('M19', 'output that the service calls malformed is an error', 'src/providers/bedrock/reducer.ts', 'if (UNUSABLE.has(stopReason)) {', 'if (false) {'),
  removal('M20', 'halves of characters are mended', 'src/messages/outgoing.ts', 'const text = wellFormed(block.text);', 'const text = block.text;'),
];

const tool: readonly Removal[] = [
  removal('T1', 'what a tool fails with becomes a result', runTool, '    catchError((error: unknown) => of(errorOutcome(messageOf(error)))),\n'),
  removal('T2', 'a tool has a limit of time', runTool, 'limit === undefined || limit > longestTimer ? running$', 'true ? running$'),
  removal('T3', 'a tool is unsubscribed, whatever it does with its signal', 'src/internal/abort.ts', 'relay.add(work(controller.signal).subscribe(relay));', 'work(controller.signal).subscribe({ next: (value) => relay.next(value), error: (error) => relay.error(error), complete: () => relay.complete() });'),
  removal('T4', 'text is held to a limit', runTool, 'content: limitText(value.content)', 'content: value.content'),
  removal('T5', 'bytes are told apart by what they are', 'src/tools/content.ts', '  if (value instanceof Uint8Array) return { content: [fromBytes(value)] };\n'),
  removal('T6', 'what an event cannot hold is refused', 'src/tools/content.ts', '  if (fault !== undefined) throw new TypeError(`The value cannot be carried by an event: ${fault.reason}.`);\n'),
  removal('T7', 'the end of a server ends its calls', `${mcp}/stdio/stdio-transport.ts`, 'return endOf(child).subscribe({ next: (how) => heard.end(how), error: () => undefined });', 'return new Subscription();'),
  removal('T8', 'a server that closes its output is lost', `${mcp}/stdio/server-process.ts`, "  child.stdout?.once('close', () => ended.next(how));\n"),
  removal('T9', 'a call that is left is cancelled', `${mcp}/call.ts`, '{ signal, timeout: noTimeout }', '{ timeout: noTimeout }'),
  removal('T10', 'progress is read where it comes, before the SDK', `${mcp}/wiretap.ts`, '      entries.get(token)?.progress.next(params);\n', '      setTimeout(() => entries.get(token)?.progress.next(params));\n'),
  removal('T11', 'a stream that ends without a reply fails', `${mcp}/http/conversation.ts`, 'if (position === undefined || silent > maxSilentResumes) return throwError(() => cutOff(lost));', 'if (position === undefined || silent > maxSilentResumes) return EMPTY;'),
  removal('T12', 'a session that is gone is begun anew', `${mcp}/http/session.ts`, 'if (id === undefined || statusOf(error) !== 404) return throwError(() => error);', 'return throwError(() => error);'),
  removal('T13', 'a list that does not end is ended', `${mcp}/list.ts`, 'if (seen.has(nextCursor) || seen.size >= maxPages - 1) {', 'if (seen.size >= 1_000) {'),
  removal('T14', 'a server is killed with all that it started', `${mcp}/stdio/process-group.ts`, 'process.kill(hasGroups ? -pid : pid, signal);', 'process.kill(pid, signal);'),
  removal('T15', 'a line over the limit is answered for its call', `${mcp}/stdio/messages.ts`, '  const answered = answeredId(line);\n', '  const answered = undefined;\n'),
  removal('T16', 'a malformed answer becomes an error', `${mcp}/well-formed.ts`, "  return { jsonrpc: '2.0', id, error: { code: -32_603, message: 'The MCP server answered with something that is not an answer.' } };", '  return message;'),
  removal('T17', 'malformed progress breaks nothing', `${mcp}/call.ts`, '  if (Object.keys(usable).length === 0) return undefined;\n'),
  removal('T18', 'pauses grow', `${mcp}/reopening.ts`, 'initial * 2 ** failures', 'initial'),
];

const consumer: readonly Removal[] = [
  {
    ...removal('C1', 'what is unsubscribed is torn down', 'src/internal/in-turn.ts', '    this.current?.unsubscribe();\n'),
    // Elsewhere what goes on for ever keeps a test from its end.
    files: ['test/agent/consumer.test.ts'],
  },
  {
    id: 'C2',
    without: 'a fault of a consumer stays with RxJS, which reports it',
    edits: [
      { file: agent, find: 'export function agent(options: AgentOptions): Agent {\n', replace: 'export function agent(options: AgentOptions): Agent {\n  config.useDeprecatedSynchronousErrorHandling = true;\n' },
      { file: agent, find: "import { describeError }", replace: "import { config } from 'rxjs';\nimport { describeError }" },
    ],
  },
  removal('C3', 'a failed run is an error where only text is asked for', 'operators/internal/deltas.ts', '    else if (isRunFailure(event)) throw runErrorOf(event);\n', ''),
  removal('C4', 'a teardown that throws is not heard', 'src/internal/isolated.ts', '    try {\n      super.unsubscribe();\n    } catch {\n      // What the application\'s teardown could not do is not for the run to repair.\n    }\n', '    super.unsubscribe();\n'),
  removal('C5', 'a loop that is behind holds its connection back', 'src/agent/to-async-iterable.ts', '      const release = holdBack();\n', '      const release = undefined;\n'),
  removal('C6', 'a run begins with its subscription', agent, 'return (input, params = {}) => defer(() => startRun(settings, provider, input, params));', 'return (input, params = {}) => startRun(settings, provider, input, params);'),
  {
    id: 'C7',
    without: 'a run is not shared by itself',
    edits: [
      { file: agent, find: 'defer(() => startRun(settings, provider, input, params));', replace: 'defer(() => startRun(settings, provider, input, params)).pipe(shareReplay(1));' },
      { file: agent, find: "import { describeError }", replace: "import { shareReplay } from 'rxjs';\nimport { describeError }" },
    ],
  },
  removal('C8', 'nothing follows the last event', agent, 'return run.ledger.ended ? EMPTY : inTurn(', 'return inTurn('),
  removal('C9', 'what an iterator throws is an error of its source', 'src/internal/from-async-iterable.ts', 'new Promise<IteratorResult<T>>((resolve) => resolve(iterator.next())).then(take, fail);', 'iterator.next().then(take, fail);'),
  removal('C10', 'a listener is taken off a signal', 'src/internal/abort.ts', "    subscriber.add(() => signal.removeEventListener('abort', fail));\n"),
];

/** For each fault a change that takes its guard away: its tests have to notice. */
export const removals: readonly Removal[] = [...model, ...tool, ...consumer];
