import { redacting } from '../../errors/redact.js';

/** What keys look like: Anthropic's and OpenAI's, those of AWS, and whatever stands in an authorization header. */
const keys = [/\bsk-[\w-]{16,}/g, /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, /\b(Bearer|Basic) [\w.~+/-]{8,}=*/g];

function withoutKeys(text: string): string {
  return keys.reduce((clean, key) => clean.replace(key, '[redacted]'), text);
}

/**
 * Takes secrets out of plain data, wherever a text stands in it: the ones that are known, and what looks like a key. What
 * holds none is given back as it is.
 */
export function cleaning(secrets: readonly string[]): <Value>(value: Value) => Value {
  const redact = redacting(secrets);
  const clean = (text: string): string => withoutKeys(redact(text));
  const isSecret = (text: string): boolean => clean(text) !== text;
  const holdsSecret = (value: unknown): boolean => {
    if (typeof value === 'string') return isSecret(value);
    if (typeof value !== 'object' || value === null) return false;
    return Object.entries(value).some(([name, member]) => isSecret(name) || holdsSecret(member));
  };
  return (value) => {
    if (!holdsSecret(value)) return value;
    const cleaned: typeof value = JSON.parse(JSON.stringify(value), (_name, member: unknown) => {
      if (typeof member === 'string') return clean(member);
      if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
      return Object.fromEntries(Object.entries(member).map(([name, inner]) => [clean(name), inner]));
    });
    return cleaned;
  };
}
