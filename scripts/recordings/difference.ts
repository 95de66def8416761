function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}… (${text.length} characters)` : text;
}

/** The first place at which two JSON values differ, in words; undefined where they are equal. Absent and undefined are one. */
export function difference(path: string, expected: unknown, got: unknown): string | undefined {
  if (Object.is(expected, got)) return undefined;
  if (!isObject(expected) || !isObject(got) || Array.isArray(expected) !== Array.isArray(got)) {
    return `${path}: expected ${show(expected)}, got ${show(got)}`;
  }
  for (const name of new Set([...Object.keys(expected), ...Object.keys(got)])) {
    const found = difference(Array.isArray(expected) ? `${path}[${name}]` : `${path}.${name}`, expected[name], got[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}
