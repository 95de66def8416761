import type { ToolAnnotations } from '../tools/types.js';
import type { Json } from '../events/json.js';
import { jsonLine, printable, printableLine } from './printable.js';

/** A call that is to be approved. */
export interface AskedCall {
  readonly name: string;
  readonly input: Json;
}

/** What a person said about a call; `always` is about all calls of the tool. */
export type Answer =
  | { readonly type: 'yes' | 'always' }
  | { readonly type: 'no'; readonly reason?: string }
  /** It was none of these. */
  | { readonly type: 'unclear' };

function claims({ readOnlyHint, destructiveHint }: ToolAnnotations): readonly string[] {
  const harmless = readOnlyHint === true ? ['it changes nothing'] : [];
  return destructiveHint === true ? [...harmless, 'what it changes may be lost'] : harmless;
}

/** The call, whole, and what can be answered. The input is its JSON, with escapes for what a terminal would obey or hide. */
export function questionText({ name, input }: AskedCall, annotations: ToolAnnotations = {}): string {
  const said = claims(annotations);
  const hint = said.length === 0 ? '' : `  (its maker says, and nobody has checked: ${said.join('; ')})\n`;
  return `Run ${printable(name)} ${jsonLine(input).trimEnd()}\n${hint}${choices(name)}`;
}

/** What can be answered, as it is asked again where the answer was unclear. */
export function choices(name: string): string {
  return `  y = yes, a = yes to all of ${printableLine(name, 40)}, Enter or n = no, n REASON = no and why: `;
}

/** What a line means. */
export function answerOf(line: string): Answer {
  const said = line.trim();
  if (/^y(?:es)?$/iu.test(said)) return { type: 'yes' };
  if (/^a(?:lways|ll)?$/iu.test(said)) return { type: 'always' };
  if (said === '') return { type: 'no' };
  const reason = /^no?(?:[\s,:;.]+(?<reason>.*))?$/isu.exec(said);
  if (reason === null) return { type: 'unclear' };
  const given = reason.groups?.['reason'] ?? '';
  return given === '' ? { type: 'no' } : { type: 'no', reason: given };
}
