import type { Json } from './json.js';

/**
 * How many arrays and objects may stand inside each other. No document that a model, a tool or a service sends comes
 * near it, and code that walks a value by recursion (`JSON.stringify` among it) is safe far beyond it.
 */
export const maxJsonDepth = 512;

/** Why a value is not JSON, and where. */
export interface JsonFault {
  /** The member names and array positions that lead to the fault; `[]` for the value itself. */
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

/** An array or object whose members are being visited. */
interface Frame {
  readonly node: object;
  /** The member names; null for an array. */
  readonly keys: readonly string[] | null;
  readonly length: number;
  /** How many members have been taken. */
  taken: number;
}

/**
 * Finds the first thing in a value that is not JSON, or that is not safe to handle as JSON.
 *
 * Refused are: numbers that JSON cannot write (`NaN`, the infinities), `undefined`, functions, symbols and bigints;
 * objects that are not plain (a `Date`, a `Map`, an instance of a class); a member of its own called `__proto__`, and a
 * member `constructor` that holds a `prototype`, since copying either member by member changes prototypes; and anything
 * nested deeper than {@link maxJsonDepth}, which a cycle is. Every member is visited once, without recursion.
 *
 * @param value Anything.
 * @returns The fault, or undefined for JSON.
 */
export function findJsonFault(value: unknown): JsonFault | undefined {
  const frames: Frame[] = [];
  let candidate = value;
  for (;;) {
    const reason = isContainer(candidate) ? refuseContainer(candidate, frames.length) : refuseLeaf(candidate);
    if (reason !== undefined) return { path: frames.map(currentKey), reason };
    if (isContainer(candidate)) frames.push(openFrame(candidate));
    let frame = frames.at(-1);
    while (frame !== undefined && frame.taken === frame.length) {
      frames.pop();
      frame = frames.at(-1);
    }
    if (frame === undefined) return undefined;
    frame.taken += 1;
    candidate = readMember(frame);
  }
}

/**
 * Whether a value is JSON that is safe to handle; {@link findJsonFault} tells what is refused.
 *
 * @param value Anything.
 */
export function isJson(value: unknown): value is Json {
  return findJsonFault(value) === undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function refuseLeaf(value: unknown): string | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value);
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}

function refuseContainer(node: object, depth: number): string | undefined {
  if (depth >= maxJsonDepth) return `nested deeper than ${maxJsonDepth}`;
  if (Array.isArray(node)) return undefined;
  if (!isPlain(node)) return 'an object that is not plain';
  if (Object.hasOwn(node, '__proto__')) return 'a member named __proto__';
  if (holdsPrototype(node)) return 'a constructor with a prototype';
  return undefined;
}

/** Plain objects of another realm (an iframe, a `vm` context) have a root prototype that is not ours. */
function isPlain(node: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(node);
  if (prototype === null || prototype === Object.prototype) return true;
  return isContainer(prototype) && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}

function holdsPrototype(node: object): boolean {
  if (!Object.hasOwn(node, 'constructor')) return false;
  const held: unknown = node.constructor;
  return isContainer(held) && Object.hasOwn(held, 'prototype');
}

function openFrame(node: object): Frame {
  const keys = Array.isArray(node) ? null : Object.keys(node);
  return { node, keys, length: Array.isArray(node) ? node.length : (keys?.length ?? 0), taken: 0 };
}

function currentKey(frame: Frame): string | number {
  return frame.keys?.[frame.taken - 1] ?? frame.taken - 1;
}

function readMember(frame: Frame): unknown {
  return Reflect.get(frame.node, currentKey(frame));
}
