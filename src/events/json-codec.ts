import * as t from 'io-ts';
import { findJsonFault, type JsonFault } from './json-guard.js';
import type { Json as JsonType, JsonObject } from './json.js';
import { isRecord } from './struct-codec.js';

/** Any JSON value. */
export type Json = JsonType;

/**
 * A part that is any JSON value. It looks no deeper: use it only within a codec that {@link guarded} has been put
 * around, where the whole value has been found to be JSON before its parts are looked at.
 */
export const jsonPart: t.Type<JsonType> = new t.Type<JsonType>(
  'Json',
  (value): value is JsonType => value !== undefined,
  (value, context) => (jsonPart.is(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

/** A part that is any JSON object; as {@link jsonPart}, within {@link guarded} only. */
export const jsonObjectPart: t.Type<JsonObject> = new t.Type<JsonObject>(
  'JsonObject',
  (value): value is JsonObject => isRecord(value),
  (value, context) => (jsonObjectPart.is(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
);

/**
 * Puts the JSON guard in front of a codec: first one walk finds whether the whole value is JSON that is safe to handle,
 * members that the codec does not name included; then the codec looks at its parts.
 */
export function guarded<Value>(codec: t.Type<Value>): t.Type<Value> {
  return new t.Type<Value>(
    codec.name,
    (value): value is Value => findJsonFault(value) === undefined && codec.is(value),
    (value, context) => {
      const fault = findJsonFault(value);
      return fault === undefined ? codec.validate(value, context) : t.failure(value, context, describeFault(codec.name, fault));
    },
    t.identity,
  );
}

/**
 * Decodes any JSON value that is safe to handle: no member named `__proto__`, nothing nested too deep. `findJsonFault`
 * tells what is refused.
 */
export const Json: t.Type<JsonType> = guarded(jsonPart);

/** Of a long path only the beginning says something to a reader. */
const shownSteps = 8;
const shownCharacters = 40;

function describeFault(name: string, { path, reason }: JsonFault): string {
  const steps = path.slice(0, shownSteps).map((step) => `/${String(step).slice(0, shownCharacters)}`);
  const more = path.length > shownSteps ? `/… (${path.length} levels)` : '';
  return `Not safe JSON: ${reason}, supplied to : ${name}${steps.join('')}${more}`;
}
