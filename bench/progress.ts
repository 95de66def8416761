/** Rewrites one line, for a person who waits; nothing where nobody looks. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text.slice(0, process.stderr.columns - 1)}`);
}
