/** A line that was longer than allowed: only its ends are left. */
export interface LongLine {
  readonly head: string;
  readonly tail: string;
  readonly bytes: number;
}

/** Cuts chunks into lines; keeps what is left of the last chunk. */
export interface LineSplitter {
  /** Each line that the chunk completes, without its line feed. */
  push(chunk: Uint8Array): readonly (string | LongLine)[];
}

const lineFeed = 0x0a;
const endBytes = 512;

function concatenate(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

/**
 * A splitter for UTF-8 with a cap on the line. The work grows with the bytes, however small the chunks are, and of a
 * line beyond the cap only its two ends are kept.
 */
export function lineSplitter(maxBytes: number): LineSplitter {
  const decoder = new TextDecoder();
  let held = new Uint8Array(0);
  let size = 0;
  let bytes = 0;
  let tail: Uint8Array | undefined;

  const hold = (part: Uint8Array): void => {
    if (size + part.length > held.length) {
      const larger = new Uint8Array(Math.max(size + part.length, held.length * 2));
      larger.set(held.subarray(0, size));
      held = larger;
    }
    held.set(part, size);
    size += part.length;
  };

  const append = (part: Uint8Array): void => {
    bytes += part.length;
    if (bytes <= maxBytes) {
      hold(part);
      return;
    }
    tail ??= held.slice(Math.max(0, size - endBytes), size);
    if (size < endBytes) hold(part.subarray(0, endBytes - size));
    tail = concatenate(tail, part.subarray(-endBytes)).slice(-endBytes);
  };

  const finish = (): string | LongLine => {
    const line =
      tail === undefined
        ? decoder.decode(held.subarray(0, size))
        : { head: decoder.decode(held.subarray(0, Math.min(size, endBytes))), tail: decoder.decode(tail), bytes };
    held = new Uint8Array(0);
    size = 0;
    bytes = 0;
    tail = undefined;
    return line;
  };

  const complete = (part: Uint8Array): string | LongLine => {
    if (bytes === 0 && part.length <= maxBytes) return decoder.decode(part);
    append(part);
    return finish();
  };

  return {
    push: (chunk) => {
      const lines: (string | LongLine)[] = [];
      let start = 0;
      for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
        lines.push(complete(chunk.subarray(start, end)));
        start = end + 1;
      }
      if (start < chunk.length) append(chunk.subarray(start));
      return lines;
    },
  };
}
