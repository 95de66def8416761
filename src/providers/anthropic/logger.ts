import { messageOf } from '../../errors/describe.js';
import type { Redact } from '../../errors/redact.js';
import { parseJson } from '../../events/json-object.js';

type Write = (message: string, ...details: unknown[]) => void;

interface Logger {
  readonly error: Write;
  readonly warn: Write;
  readonly info: Write;
  readonly debug: Write;
}

/** A detail as it may be shown; the SDK hands over texts, and objects that JSON can hold. */
function shown(detail: unknown, redact: Redact): unknown {
  if (typeof detail !== 'object' || detail === null || detail instanceof Error) return redact(messageOf(detail));
  const text = redact(messageOf({ ...detail, message: undefined }));
  return parseJson(text) ?? text;
}

/**
 * The console, for what the SDK logs where `ANTHROPIC_LOG` asks for it: the SDK hides the keys that it knows of, and
 * none that stands in a header of the application's own.
 */
export function redactingLogger(redact: Redact): Logger {
  const { console } = globalThis;
  const write =
    (level: keyof Logger): Write =>
    (message, ...details) => {
      console[level](redact(message), ...details.map((detail) => shown(detail, redact)));
    };
  return { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
}
