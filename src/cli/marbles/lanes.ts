import type { MarkKind } from './marks.js';

/** Something to be drawn, from one event to another. */
export interface Stroke {
  readonly kind: MarkKind;
  /** What it is called: a turn's number, a tool's name. */
  readonly label: string;
  /** The position of its first event in the recording. */
  readonly first: number;
  /** That of its last; the same for what is a moment. */
  last: number;
  /** How many events it stands for. */
  events: number;
}

/** One line of the picture, and the lines of the sub-agents that were called on it. */
export interface Row {
  readonly label: string;
  readonly strokes: Stroke[];
  inner?: Lanes;
}

/** A call that is under way. */
export interface Call {
  readonly row: Row;
  input?: Stroke;
  run?: Stroke;
  /** Leaves the row to the next call. */
  readonly free: () => void;
}

/** The rows of one tool: as many as it had calls at a time. */
interface ToolRows {
  readonly rows: Row[];
  readonly free: Row[];
}

/** The rows of a run or of a sub-agent. */
export interface Lanes {
  readonly depth: number;
  readonly turns: Row;
  readonly thinking: Row;
  readonly text: Row;
  readonly custom: Row;
  readonly tools: Map<string, ToolRows>;
}

const newRow = (label: string): Row => ({ label, strokes: [] });

export function lanesUnder(depth: number): Lanes {
  return { depth, turns: newRow('turns'), thinking: newRow('thinking'), text: newRow('text'), custom: newRow('custom'), tools: new Map() };
}

function toolRows(lanes: Lanes, name: string): ToolRows {
  const known = lanes.tools.get(name);
  if (known !== undefined) return known;
  const made: ToolRows = { rows: [], free: [] };
  lanes.tools.set(name, made);
  return made;
}

/** Puts a call on a row of its tool where no other call is. */
export function openCall(lanes: Lanes, name: string): Call {
  const { rows, free } = toolRows(lanes, name);
  let row = free.pop();
  if (row === undefined) {
    row = newRow(rows.length === 0 ? name : `${name} #${rows.length + 1}`);
    rows.push(row);
  }
  const used = row;
  return { row: used, free: () => void free.push(used) };
}

/** A row with its place in the tree of agents. */
export interface PlacedRow {
  readonly depth: number;
  readonly row: Row;
}

/** All rows that hold something, from top to bottom. */
export function rowsOf(runs: readonly Lanes[]): readonly PlacedRow[] {
  const found: PlacedRow[] = [];
  // A stack and no recursion: agents may be nested deeper than calls can be.
  const waiting: (Lanes | PlacedRow)[] = [...runs].reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if ('row' in next) {
      if (next.row.strokes.length > 0 || next.row.inner !== undefined) found.push(next);
      if (next.row.inner !== undefined) waiting.push(next.row.inner);
      continue;
    }
    const { depth, turns, thinking, text, custom, tools } = next;
    const rows = [turns, thinking, text, custom, ...[...tools.values()].flatMap((tool) => tool.rows)];
    for (const row of rows.reverse()) waiting.push({ depth, row });
  }
  return found;
}
