import type { JsonObject } from '../../events/json.js';

const HEADER = 'anthropic-beta';

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

/** Takes `betas` out of a body, where the service knows no such member: the SDK, too, has it as a member and sends a header. */
export function takeBetas(given: JsonObject): { readonly body: JsonObject; readonly betas: readonly string[] } {
  const { betas, ...body } = given;
  return isNames(betas) ? { body, betas } : { body: given, betas: [] };
}

/** The headers, with the betas among those that they name. */
export function withBetas(headers: Readonly<Record<string, string>> = {}, betas: readonly string[]): Readonly<Record<string, string>> {
  if (betas.length === 0) return headers;
  const others = Object.entries(headers).filter(([name]) => name.toLowerCase() !== HEADER);
  const named = Object.entries(headers).flatMap(([name, value]) => (name.toLowerCase() === HEADER ? value.split(',') : []));
  const all = [...named, ...betas].map((name) => name.trim()).filter((name) => name !== '');
  return { ...Object.fromEntries(others), [HEADER]: [...new Set(all)].join(',') };
}
