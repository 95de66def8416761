/** One line of a drawing: what stands in which frame, and after which frame nothing can follow. */
export interface GridLine {
  readonly label: string;
  readonly cells: ReadonlyMap<number, string>;
  readonly end: number;
}

/** How the frames between two marbles are written in a line. */
export interface GapStyle {
  /** More frames than these are written as a time and not as dashes. */
  readonly longest: number;
  /** The time, as the notation has it; of a line that says nothing before the next time, nothing has to be said. */
  readonly write: (from: number, to: number) => string;
  /** Whether a line that is silent until the next time stays blank. */
  readonly sparse: boolean;
}

/** What fits beside a label into 80 columns, when a test runner puts a few blanks before each line. */
const widest = 74;

/** What is drawn of one frame, and of the time before it, in every line. */
interface Column {
  readonly frame: number;
  readonly texts: readonly string[];
  readonly caretAt: number;
  readonly width: number;
}

function columnsOf(lines: readonly GridLine[], { longest, write, sparse }: GapStyle): readonly Column[] {
  const frames = [...new Set(lines.flatMap(({ cells }) => [...cells.keys()]))].sort((left, right) => left - right);
  const isLong = (index: number): boolean => (frames[index] ?? 0) - (index === 0 ? Math.min(0, frames[0] ?? 0) : (frames[index - 1] ?? 0) + 1) > longest;
  // Frames that are near each other are a cluster; a line with nothing in it may stay blank there.
  const clusterOf = frames.map((_, index) => frames.slice(0, index + 1).filter((__, at) => isLong(at)).length);
  const isSilent = (line: GridLine, index: number): boolean =>
    sparse && !frames.some((frame, at) => clusterOf[at] === clusterOf[index] && line.cells.has(frame));
  return frames.map((frame, index) => {
    const from = index === 0 ? Math.min(0, frame) : (frames[index - 1] ?? 0) + 1;
    const time = isLong(index) ? write(from, frame) : '-'.repeat(frame - from);
    const width = Math.max(...lines.map(({ cells }) => cells.get(frame)?.length ?? 1));
    const texts = lines.map((line) => {
      if (line.end < frame || isSilent(line, index)) return ' '.repeat(time.length + width);
      return time + (line.cells.get(frame) ?? '-').padEnd(width, ' ');
    });
    return { frame, texts, caretAt: time.length, width: time.length + width };
  });
}

/** Columns side by side as far as they fit. */
function chunksOf(columns: readonly Column[], room: number): readonly (readonly Column[])[] {
  const chunks: Column[][] = [[]];
  let used = 0;
  for (const column of columns) {
    if (used > 0 && used + column.width > room) {
      chunks.push([]);
      used = 0;
    }
    chunks.at(-1)?.push(column);
    used += column.width;
  }
  return chunks;
}

/** At most three chunks: the one with the mark, and its neighbours. */
function aroundTheMark(chunks: readonly (readonly Column[])[], marked: number): { readonly shown: readonly (readonly Column[])[]; readonly before: boolean; readonly after: boolean } {
  const at = Math.max(0, chunks.findIndex((columns) => columns.some(({ frame }) => frame === marked)));
  const from = Math.max(0, Math.min(at - 1, chunks.length - 3));
  return { shown: chunks.slice(from, from + 3), before: from > 0, after: from + 3 < chunks.length };
}

/**
 * Draws lines so that what is in one frame stands in one column, in as many rows as it takes to stay within 80 columns. A
 * caret marks a frame.
 */
export function drawGrid(lines: readonly GridLine[], marked: number, style: GapStyle): string {
  const labels = Math.max(...lines.map(({ label }) => label.length)) + 2;
  const { shown, before, after } = aroundTheMark(chunksOf(columnsOf(lines, style), widest - labels), marked);
  const drawn = shown.map((columns) => {
    const rows = lines.map(({ label }, index) => label.padEnd(labels) + columns.map(({ texts }) => texts[index] ?? '').join(''));
    const here = columns.findIndex(({ frame }) => frame === marked);
    const caretAt = columns.slice(0, here).reduce((sum, { width }) => sum + width, labels) + (columns[here]?.caretAt ?? 0);
    return [...rows, ...(here === -1 ? [] : [`${' '.repeat(caretAt)}^`])].map((row) => `  ${row}`.trimEnd()).join('\n');
  });
  return [...(before ? ['  …'] : []), drawn.join('\n\n'), ...(after ? ['  …'] : [])].join('\n');
}
