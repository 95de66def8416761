const longest = 100;

function shortened(text: string): string {
  const characters = Array.from(text);
  return characters.length <= longest ? text : `${characters.slice(0, longest).join('')}…`;
}

/** JSON for what JSON can say; words for the rest. Never throws. */
function jsonLike(value: unknown): string {
  const above: object[] = [];
  const replace = function (this: unknown, _key: string, member: unknown): unknown {
    if (typeof member === 'bigint') return `${member}n`;
    if (typeof member === 'function' || typeof member === 'symbol') return String(member);
    if (typeof member !== 'object' || member === null) return member;
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (above.includes(member)) return '[circular]';
    above.push(member);
    return member instanceof Error ? describeError(member) : member;
  };
  try {
    return JSON.stringify(value, replace);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

function describeError(error: Error): string {
  const maker = error.constructor.name;
  const name = maker === '' ? error.name : maker;
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  return `${name} ${JSON.stringify(error.message)}${code}`;
}

/** The payload of an event in the shortest words: its content where it has one, else all that is not envelope. */
function describePayload(event: object): string {
  if ('content' in event) return jsonLike(event.content);
  const hidden = new Set(['type', 'runId', 'seq', 'path', 'iteration', 'timestamp', 'model', 'metadata']);
  const payload = Object.fromEntries(Object.entries(event).filter(([name]) => !hidden.has(name)));
  return Object.keys(payload).length === 0 ? '' : jsonLike(payload);
}

/** One value in words, for a failure's text: short, on one line. */
export function describeValue(value: unknown): string {
  if (value instanceof Error) return shortened(describeError(value));
  if (typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'runId' in value) {
    return shortened(`${value.type} ${describePayload(value)}`.trim());
  }
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol' || typeof value === 'number') return String(value);
  return shortened(jsonLike(value));
}
