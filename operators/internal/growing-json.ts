import type { Json } from '../../src/events/json.js';
import { IncrementalJson } from '../../src/messages/incremental-json.js';

/**
 * How many array members may be copied for each character that has come, so that all copies together cost what the text
 * costs, however wide the value is; and how many may be copied whatever has come.
 */
const COPIES_A_CHARACTER = 16;
const FEW = 256;

/** JSON text that comes in pieces, looked at as often as the pieces pay for. */
export class GrowingJson {
  readonly #parser = new IncrementalJson();
  /** Whether there is more to be seen than was shown. */
  #grown = false;
  /** How many characters have come since. */
  #since = 0;

  /** What there is to be seen now; undefined where that is nothing new, or looking would cost too much yet. */
  push(piece: string): Json | undefined {
    if (this.#parser.push(piece)) this.#grown = true;
    this.#since += piece.length;
    if (!this.#grown || this.#parser.cost > Math.max(FEW, COPIES_A_CHARACTER * this.#since)) return undefined;
    this.#grown = false;
    this.#since = 0;
    return this.#parser.value();
  }
}
