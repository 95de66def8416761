import { findJsonFault, maxJsonDepth } from '../events/json-guard.js';
import type { Json } from '../events/json.js';

/** What the text may go on with. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end';

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
/** The words that are values. */
export const JSON_LITERALS: readonly string[] = ['true', 'false', 'null'];

/** How far the text is whole, and which brackets are open there. */
class Scan {
  /** The end of the last piece that stands on its own. */
  whole = 0;
  readonly closers: string[] = [];
  readonly #text: string;
  #at = 0;
  #expected: Expected = 'value';

  constructor(text: string) {
    this.#text = text;
  }

  /** Walks the text once; false where it is not the beginning of any JSON text. */
  run(): boolean {
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      if (char === ' ' || char === '\n' || char === '\r' || char === '\t') this.#at += 1;
      else if (!this.#token(char)) return false;
    }
    return true;
  }

  #token(char: string): boolean {
    switch (char) {
      case '{':
        return this.#open('}', 'key or }');
      case '[':
        return this.#open(']', 'value or ]');
      case '}':
      case ']':
        return this.#close(char);
      case ',':
        return this.#comma();
      case ':':
        if (this.#expected !== 'colon') return false;
        this.#expected = 'value';
        this.#at += 1;
        return true;
      case '"':
        return this.#string();
      default:
        return this.#takesValue() && (char === '-' || (char >= '0' && char <= '9') ? this.#number() : this.#literal());
    }
  }

  #takesValue(): boolean {
    return this.#expected === 'value' || this.#expected === 'value or ]';
  }

  #open(closer: string, expected: Expected): boolean {
    if (!this.#takesValue()) return false;
    this.closers.push(closer);
    this.#expected = expected;
    this.whole = this.#at += 1;
    return true;
  }

  #close(closer: string): boolean {
    const empty = this.#expected === (closer === '}' ? 'key or }' : 'value or ]');
    if ((!empty && this.#expected !== 'comma or end') || this.closers.pop() !== closer) return false;
    this.#ended(this.#at + 1);
    return true;
  }

  #comma(): boolean {
    if (this.#expected !== 'comma or end' || this.closers.length === 0) return false;
    this.#expected = this.closers.at(-1) === '}' ? 'key' : 'value';
    this.#at += 1;
    return true;
  }

  #string(): boolean {
    const isKey = this.#expected === 'key' || this.#expected === 'key or }';
    if (!isKey && !this.#takesValue()) return false;
    let end = this.#at + 1;
    while (end < this.#text.length && this.#text.charAt(end) !== '"') end += this.#text.charAt(end) === '\\' ? 2 : 1;
    if (end >= this.#text.length) this.#at = this.#text.length;
    else if (isKey) {
      this.#expected = 'colon';
      this.#at = end + 1;
    } else this.#ended(end + 1);
    return true;
  }

  #number(): boolean {
    let end = this.#at + 1;
    while (end < this.#text.length && /[-+.0-9eE]/.test(this.#text.charAt(end))) end += 1;
    // More digits may follow a number that runs to the end of the text.
    if (end === this.#text.length) {
      this.#at = end;
      return true;
    }
    NUMBER.lastIndex = this.#at;
    const matched = NUMBER.exec(this.#text)?.[0].length ?? 0;
    if (this.#at + matched !== end) return false;
    this.#ended(end);
    return true;
  }

  #literal(): boolean {
    const literal = JSON_LITERALS.find((word) => word.charAt(0) === this.#text.charAt(this.#at));
    if (literal === undefined) return false;
    const found = this.#text.slice(this.#at, this.#at + literal.length);
    if (found === literal) {
      this.#ended(this.#at + literal.length);
      return true;
    }
    this.#at = this.#text.length;
    return literal.startsWith(found);
  }

  #ended(end: number): void {
    this.#expected = 'comma or end';
    this.whole = this.#at = end;
  }
}

const HUGE_NUMBER = /\d[eE]\+?\d{3}|\d{200}/;

/** As deep as an event holds what a model sent: the input of a call in a message among a run's messages. */
const HELD_AT = 8;

/** How many arrays and objects of an input may stand inside each other. */
export const mostNested = maxJsonDepth - HELD_AT;

/** An array takes two characters of text: nothing shorter is nested too deep. */
const SHORTEST_DEEP_TEXT = 2 * mostNested;

/** Whether the whole text is a number as JSON writes it. */
export function isJsonNumber(text: string): boolean {
  NUMBER.lastIndex = 0;
  return NUMBER.test(text) && NUMBER.lastIndex === text.length;
}

/** Why an event cannot carry the value that `JSON.parse` made of the text; a text that spells nothing suspicious costs no walk. */
export function findFaultOf(text: string, value: Json): string | undefined {
  const suspicious =
    text.length >= SHORTEST_DEEP_TEXT || text.includes('__proto__') || text.includes('constructor') || text.includes('\\u00') || HUGE_NUMBER.test(text);
  return suspicious ? findJsonFault([[[[[[[[value]]]]]]]])?.reason : undefined;
}

/**
 * The value of JSON text that may have been cut off anywhere: what is whole is kept, open brackets are closed, and a
 * trailing piece (half a string, a number that may go on, a key without its value) is left out. `undefined` where
 * nothing is whole, where the text is not the beginning of JSON, and where an event could not carry the value (`1e400`, a
 * member called `__proto__`).
 * One pass, no recursion.
 */
export function parsePartialJson(text: string): Json | undefined {
  const scan = new Scan(text);
  if (!scan.run()) return undefined;
  try {
    const whole = text.slice(0, scan.whole) + scan.closers.reverse().join('');
    const value: Json = JSON.parse(whole);
    return findFaultOf(whole, value) === undefined ? value : undefined;
  } catch {
    return undefined;
  }
}
