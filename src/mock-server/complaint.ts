import type { Json } from '../events/json.js';

class Complaint extends Error {}

/** Complains of a request, in words that its sender gets to read, unless what the API asks for holds. */
export function demand(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Complaint(message);
}

/** What was read, or what the API would complain about. */
export type Reading<T> = { readonly valid: true; readonly value: T } | { readonly valid: false; readonly message: string };

/** Reads, and takes what is complained of as the answer. */
export function reading<T>(read: () => T): Reading<T> {
  try {
    return { valid: true, value: read() };
  } catch (error) {
    if (error instanceof Complaint) return { valid: false, message: error.message };
    throw error;
  }
}

export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The member as a string; empty where it is missing or something else. */
export function stringOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
