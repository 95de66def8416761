import { parseRows, type Marble, type Rows, type Values } from './notation.js';
import { turnWriter, type TurnEnd, type TurnPiece } from './turns.js';

/** How a turn that is drawn ends. */
export interface MarbleTurnEnd extends TurnEnd {
  /** What `#` stands for; default: an `Error`, which nobody retries. */
  readonly error?: unknown;
}

/** The marbles of a provider's turn: the events of its pieces, and at `|` the usage and the message that they make. */
export function turnMarbles(rows: Rows, pieces: Values<TurnPiece> | undefined, { error = new Error('The turn broke.'), ...rest }: MarbleTurnEnd): readonly Marble[] {
  const { write, end } = turnWriter();
  const at = (frame: number, values: readonly unknown[]): readonly Marble[] => values.map((value) => ({ frame, notification: { kind: 'N', value } }));
  return parseRows(rows, pieces, error).flatMap((marble): readonly Marble[] => {
    const { frame, notification } = marble;
    if (notification.kind === 'E') return [marble];
    if (notification.kind === 'C') return [...at(frame, end(rest)), marble];
    return at(frame, isPiece(notification.value) ? write(notification.value) : []);
  });
}

function isPiece(value: unknown): value is TurnPiece {
  return typeof value === 'string' || (typeof value === 'object' && value !== null);
}
