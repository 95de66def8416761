const wide = /[\p{Emoji_Presentation}\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;
const noWidth = /\p{M}/u;

/** A call that runs, or something else that is waited for, as the live line shows it. */
export interface LivePart {
  readonly name: string;
  /** How far it is; empty where that is not known. */
  readonly progress: string;
}

const separator = ' \u00B7 ';

/** How many columns of a terminal a character takes. */
export function columnsOf(character: string): number {
  if (noWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

function startOf(text: string, columns: number): string {
  let used = 0;
  let length = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns) break;
    length += character.length;
  }
  return text.slice(0, length);
}

/** The text cut so that it takes at most that many columns of a terminal, with an ellipsis where something is missing. */
export function cutToColumns(text: string, columns: number): string {
  if (columns < 1) return '';
  const start = startOf(text, columns);
  return start === text ? text : `${startOf(text, columns - 1)}\u2026`;
}

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  return Array.from(text).reduce((width, character) => width + columnsOf(character), 0);
}

function partText({ name, progress }: LivePart): string {
  return progress === '' ? name : `${name} ${progress}`;
}

/** What runs, on one line of that many columns: where it is too long, names are cut rather than what is said of them. */
export function liveText(parts: readonly LivePart[], columns: number): string {
  const whole = parts.map(partText).join(separator);
  if (widthOf(whole) <= columns) return whole;
  const share = Math.floor((columns - separator.length * (parts.length - 1)) / parts.length);
  const cut = parts.map(({ name, progress }) => {
    if (progress === '') return cutToColumns(name, share);
    const kept = Math.max(share - widthOf(progress) - 1, Math.floor(share / 3));
    return cutToColumns(partText({ name: cutToColumns(name, kept), progress }), share);
  });
  return cutToColumns(cut.join(separator), columns);
}
