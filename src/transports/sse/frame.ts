/** What a keep-alive looks like: a comment, which every reader of event streams skips. */
export const heartbeatFrame = ':\n\n';

const lineEnds = /\r\n|\r|\n/;
/** An id ends at a line end, readers drop one that holds NUL, and half a character does not survive UTF-8. */
const unsafeInId = /[\0\r\n\p{Surrogate}]/u;

/**
 * One event of a `text/event-stream`: an id and data, which no text can break. Data of several lines, whatever ends
 * them, becomes several `data` fields, which a reader joins by LF.
 *
 * @param data any text
 * @param id any text; one that cannot stand in an id field is left out, since a changed id would be another event's
 */
export function sseFrame(data: string, id: string): string {
  const fields = data.split(lineEnds).map((line) => `data: ${line}\n`);
  return `${unsafeInId.test(id) ? '' : `id: ${id}\n`}${fields.join('')}\n`;
}
