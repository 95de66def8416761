import type { StreamEvent, StreamEventOf } from '../../events/events.js';
import { printableLine } from '../printable.js';
import { lanesUnder, openCall, type Call, type Lanes, type Row, type Stroke } from './lanes.js';
import type { MarkKind } from './marks.js';

/** What one run or sub-agent is doing. */
interface Group {
  readonly lanes: Lanes;
  readonly calls: Map<string, Call>;
  turn: Stroke | undefined;
  wait: Stroke | undefined;
  /** The type of its latest event. */
  latest: string;
  ended: boolean;
}

interface State {
  readonly groups: Map<string, Group>;
  /** The lanes of each run that the recording holds, in the order of their beginnings. */
  readonly runs: Lanes[];
  /** Whether an event has a column of its own. */
  readonly keys: boolean[];
}

/** The lanes of a recording, and which of its events are to be told apart. */
export interface Trace {
  readonly runs: readonly Lanes[];
  readonly keys: readonly boolean[];
}

const longestLabel = 200;

function stroke(row: Row, kind: MarkKind, at: number, label = ''): Stroke {
  const made: Stroke = { kind, label, first: at, last: at, events: 1 };
  row.strokes.push(made);
  return made;
}

function newGroup(lanes: Lanes): Group {
  return { lanes, calls: new Map(), turn: undefined, wait: undefined, latest: '', ended: false };
}

const groupKey = (runId: string, path: readonly string[]): string => JSON.stringify([runId, ...path]);

/** The group of an event. One whose call is not in the recording stands below a row that is named after the call. */
function groupOf(state: State, { runId, path }: StreamEvent): Group {
  const key = groupKey(runId, path);
  const known = state.groups.get(key);
  if (known !== undefined) return known;
  const id = path.at(-1);
  const parent = id === undefined ? undefined : state.groups.get(groupKey(runId, path.slice(0, -1)));
  const top = lanesUnder(0);
  if (parent === undefined || id === undefined) state.runs.push(top);
  const row = parent === undefined || id === undefined ? undefined : (parent.calls.get(id)?.row ?? openCall(parent.lanes, printableLine(id, longestLabel)).row);
  if (row !== undefined && parent !== undefined) row.inner ??= lanesUnder(parent.lanes.depth + 1);
  const group = newGroup(row?.inner ?? top);
  state.groups.set(key, group);
  return group;
}

/** What is of a turn but has no mark of its own: token counts, whole messages, ends. */
function inTurn(group: Group, at: number): void {
  if (group.turn === undefined) {
    group.turn = stroke(group.lanes.turns, 'turn', at);
    return;
  }
  group.turn.events++;
}

function callOf(group: Group, id: string, name: string): Call {
  const known = group.calls.get(id);
  if (known !== undefined) return known;
  const call = openCall(group.lanes, printableLine(name, longestLabel));
  group.calls.set(id, call);
  return call;
}

/** Goes on with a call, which is running: also one whose beginning is not in the recording. */
function running(group: Group, { id, name }: { readonly id: string; readonly name: string }, at: number): Call {
  const call = callOf(group, id, name);
  if (call.run !== undefined) call.run.last = at;
  return call;
}

function closeCall(group: Group, id: string): void {
  const call = group.calls.get(id);
  if (call === undefined) return;
  group.calls.delete(id);
  call.free();
}

function startCall(group: Group, { id, name }: { readonly id: string; readonly name: string }, at: number): void {
  const call = callOf(group, id, name);
  if (call.input !== undefined) call.input.last = at;
  call.run = stroke(call.row, 'call', at, printableLine(name, longestLabel));
}

function answerCall(group: Group, content: { readonly id: string; readonly name: string; readonly isError: boolean }, at: number): void {
  const call = running(group, content, at);
  stroke(call.row, content.isError ? 'failed' : 'result', at, printableLine(content.name, longestLabel));
  closeCall(group, content.id);
}

function inputDelta(group: Group, id: string, at: number): void {
  const input = group.calls.get(id)?.input;
  if (input === undefined) {
    inTurn(group, at);
    return;
  }
  input.last = at;
  input.events++;
}

function retried(group: Group, { content }: StreamEventOf<'retry'>, at: number): void {
  stroke(group.lanes.turns, 'retry', at);
  group.wait = stroke(group.lanes.turns, 'wait', at);
  group.wait.events = 0;
  // The attempt's calls are never run, and the next attempt makes its own.
  if (content.discard) for (const id of [...group.calls.keys()]) closeCall(group, id);
}

function ended(group: Group, kind: 'complete' | 'error', at: number): void {
  stroke(group.lanes.turns, kind, at);
  group.turn = undefined;
  group.ended = true;
}

const approvals = { requested: 'asked', granted: 'granted', denied: 'denied' } as const;

function draw(group: Group, event: StreamEvent, at: number): void {
  const { lanes } = group;
  switch (event.type) {
    case 'run_start':
      stroke(lanes.turns, 'start', at);
      return;
    case 'iteration_start':
      group.turn = stroke(lanes.turns, 'turn', at, String(event.iteration + 1));
      return;
    case 'text_delta':
    case 'citation':
      stroke(lanes.text, 'text', at);
      return;
    case 'thinking':
      stroke(lanes.thinking, 'thinking', at);
      return;
    case 'tool_input_start': {
      const call = callOf(group, event.content.id, event.content.name);
      call.input = stroke(call.row, 'input', at, printableLine(event.content.name, longestLabel));
      return;
    }
    case 'tool_input_delta':
      inputDelta(group, event.content.id, at);
      return;
    case 'tool_use_start':
    case 'server_tool_use':
      startCall(group, event.content, at);
      return;
    case 'tool_progress':
      stroke(running(group, event.content, at).row, 'progress', at);
      return;
    case 'tool_approval':
      stroke(running(group, event.content, at).row, approvals[event.content.decision], at, printableLine(event.content.name, longestLabel));
      return;
    case 'tool_result':
    case 'server_tool_result':
      answerCall(group, event.content, at);
      return;
    case 'custom':
      stroke(lanes.custom, 'custom', at, printableLine(event.name, longestLabel));
      return;
    case 'retry':
      retried(group, event, at);
      return;
    case 'complete':
    case 'error':
      ended(group, event.type, at);
      return;
    case 'iteration_end':
      inTurn(group, at);
      group.turn = undefined;
      return;
    case 'tool_use_end':
    case 'usage':
    case 'message':
    case 'raw':
      inTurn(group, at);
      return;
  }
}

const withoutColumn: ReadonlySet<string> = new Set<StreamEvent['type']>(['tool_input_delta', 'tool_progress', 'tool_use_end', 'usage', 'message', 'raw', 'custom', 'citation', 'iteration_end']);
const streamed: ReadonlySet<string> = new Set<StreamEvent['type']>(['text_delta', 'thinking']);

function isKey({ type }: StreamEvent, latest: string): boolean {
  return !withoutColumn.has(type) && !(streamed.has(type) && type === latest);
}

/** What is under way as the recording ends runs to its end. */
function finish(state: State, last: number): void {
  for (const group of state.groups.values()) {
    for (const { run, input } of group.calls.values()) (run ?? input ?? { last }).last = last;
    if (group.turn !== undefined) group.turn.last = last;
    if (group.wait !== undefined) group.wait.last = last;
    if (!group.ended && group.lanes.depth === 0) stroke(group.lanes.turns, 'cut', last).events = 0;
  }
}

/** Sorts events into lanes: who was doing what from when to when. Each event is counted in exactly one stroke. */
export function traceOf(events: readonly StreamEvent[]): Trace {
  const state: State = { groups: new Map(), runs: [], keys: [] };
  for (const [at, event] of events.entries()) {
    const group = groupOf(state, event);
    if (group.wait !== undefined) group.wait.last = at;
    group.wait = undefined;
    if (group.turn !== undefined) group.turn.last = at;
    state.keys.push(isKey(event, group.latest));
    group.latest = event.type;
    draw(group, event, at);
  }
  finish(state, events.length - 1);
  return state;
}
