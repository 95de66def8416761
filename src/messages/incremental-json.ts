import type { Json } from '../events/json.js';
import { JsonFrame } from './json-frame.js';
import { isJsonNumber, JSON_LITERALS, mostNested } from './partial-json.js';

/** What may come next; inside a token, which one. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end' | 'string' | 'number' | 'literal';

const ESCAPED: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
/** What there is before anything has come: the input of a call without any. */
const EMPTY: Json = {};
const HEXADECIMAL = /^[0-9a-fA-F]$/;
const [QUOTE, BACKSLASH, SPACE] = [0x22, 0x5c, 0x20];

function endsInHighSurrogate(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

/**
 * Reads JSON text that comes in pieces, and can tell after each piece what has come: {@link value}.
 *
 * The rules are those of {@link parsePartialJson}, but that a string grows: open brackets are closed; a number or a
 * literal is there when it is whole; a member is there when its value begins to be; a string value is there from its
 * first quote on, without an escape or a surrogate pair of which only half has come. Nothing at all is `{}`. Text that is
 * no JSON, or that no event could carry, shows nothing more from there on.
 *
 * Each character is looked at once: a piece costs its own length, however much came before it. A look copies the arrays
 * and objects that are open, and nothing else; {@link cost} says how much that is.
 */
export class IncrementalJson {
  #expected: Expected = 'value';
  #refused = false;
  #grown = false;
  #frame: JsonFrame | null = null;
  /** The value, once the outermost one is whole. */
  #whole: Json | undefined;
  /** The name of the member that is being read; `''` in an array. */
  #key = '';
  #inKey = false;
  /** The string, number or literal that is being read. */
  #text = '';
  /** The first half of a surrogate pair. */
  #half = '';
  /** What has come of an escape; null outside of one. */
  #escape: string | null = null;

  /** Whether the text turned out to be no JSON, or none that an event could carry. */
  get refused(): boolean {
    return this.#refused;
  }

  /** Takes the next piece; whether there is more to be seen now. */
  push(piece: string): boolean {
    this.#grown = false;
    let at = 0;
    while (at < piece.length && !this.#refused) at = this.#take(piece, at);
    return this.#grown;
  }

  /** What {@link value} costs at most, in array members that are copied. */
  get cost(): number {
    return this.#frame?.cost ?? 0;
  }

  /**
   * What has come so far; never changed later. Whatever has not changed since the last look is the same object as then,
   * what has changed, and what that stands in, a new one.
   */
  value(): Json {
    const leaf = this.#expected === 'string' && !this.#inKey ? this.#text : this.#whole;
    let frame = this.#frame;
    if (frame === null) return leaf === undefined ? EMPTY : leaf;
    let value = leaf === undefined ? frame.own() : frame.with(this.#key, leaf);
    for (; frame.parent !== null; frame = frame.parent) value = frame.parent.with(frame.key, value);
    return value;
  }

  /** Takes one token, or as much of it as there is; where the next one begins. */
  #take(piece: string, at: number): number {
    switch (this.#expected) {
      case 'string':
        return this.#escape === null ? this.#run(piece, at) : this.#unescape(piece.charAt(at), at);
      case 'number':
        return this.#digits(piece, at);
      case 'literal':
        return this.#letter(piece.charAt(at), at);
      default:
        this.#punctuation(piece.charAt(at));
        return at + 1;
    }
  }

  #punctuation(char: string): void {
    switch (char) {
      case ' ':
      case '\n':
      case '\r':
      case '\t':
        return;
      case '{':
        this.#open(true);
        return;
      case '[':
        this.#open(false);
        return;
      case '}':
        this.#close(true, 'key or }');
        return;
      case ']':
        this.#close(false, 'value or ]');
        return;
      case ',':
        this.#comma();
        return;
      case ':':
        if (this.#expected === 'colon') this.#expected = 'value';
        else this.#refused = true;
        return;
      case '"':
        this.#quote();
        return;
      default:
        this.#scalar(char);
    }
  }

  #takesValue(): boolean {
    return this.#expected === 'value' || this.#expected === 'value or ]';
  }

  /** Whether a value may begin to be seen here: no member that changes prototypes does. */
  #admits(): boolean {
    return this.#frame?.admits(this.#key) ?? true;
  }

  #open(named: boolean): void {
    const depth = this.#frame === null ? 1 : this.#frame.depth + 1;
    if (!this.#takesValue() || !this.#admits() || depth > mostNested) {
      this.#refused = true;
      return;
    }
    // An empty object is what there was before.
    if (this.#frame !== null || !named) this.#grown = true;
    this.#frame = new JsonFrame(this.#frame, this.#key, named);
    this.#expected = named ? 'key or }' : 'value or ]';
    this.#key = '';
  }

  #close(named: boolean, empty: Expected): void {
    const frame = this.#frame;
    if (frame === null || frame.named !== named || (this.#expected !== empty && this.#expected !== 'comma or end')) {
      this.#refused = true;
      return;
    }
    this.#frame = frame.parent;
    this.#key = frame.key;
    this.#put(frame.end());
  }

  #comma(): void {
    if (this.#expected !== 'comma or end' || this.#frame === null) this.#refused = true;
    else this.#expected = this.#frame.named ? 'key' : 'value';
  }

  #quote(): void {
    this.#inKey = this.#expected === 'key' || this.#expected === 'key or }';
    if (!this.#inKey && !(this.#takesValue() && this.#admits())) {
      this.#refused = true;
      return;
    }
    if (!this.#inKey) this.#grown = true;
    this.#text = '';
    this.#expected = 'string';
  }

  #scalar(char: string): void {
    const literal = JSON_LITERALS.some((word) => word.startsWith(char));
    if (!this.#takesValue() || !(literal || char === '-' || (char >= '0' && char <= '9'))) {
      this.#refused = true;
      return;
    }
    this.#text = char;
    this.#expected = literal ? 'literal' : 'number';
  }

  /** Takes what is inside a string up to the next character that is not meant as it stands. */
  #run(piece: string, from: number): number {
    let at = from;
    let code = piece.charCodeAt(at);
    while (at < piece.length && code !== QUOTE && code !== BACKSLASH && code >= SPACE) code = piece.charCodeAt(++at);
    if (at > from) this.#add(piece.slice(from, at));
    if (at === piece.length) return at;
    if (code === QUOTE) this.#endString();
    else if (code === BACKSLASH) this.#escape = '';
    else this.#refused = true;
    return at + 1;
  }

  /** A pair of surrogates is added when both are there. Only ever looks at what is new: the text before it may be long. */
  #add(run: string): void {
    const added = this.#half + run;
    this.#half = endsInHighSurrogate(added) ? added.slice(-1) : '';
    const shown = this.#half === '' ? added : added.slice(0, -1);
    this.#text += shown;
    if (shown !== '' && !this.#inKey) this.#grown = true;
  }

  #unescape(char: string, at: number): number {
    const escape = (this.#escape ?? '') + char;
    const meant = escape.length === 5 ? String.fromCharCode(parseInt(escape.slice(1), 16)) : ESCAPED[escape];
    if (escape.length > 1 ? !HEXADECIMAL.test(char) : meant === undefined && char !== 'u') this.#refused = true;
    else if (meant === undefined) this.#escape = escape;
    else {
      this.#escape = null;
      this.#add(meant);
    }
    return at + 1;
  }

  #endString(): void {
    const text = this.#text + this.#half;
    if (this.#half !== '' && !this.#inKey) this.#grown = true;
    this.#half = '';
    if (this.#inKey) {
      this.#key = text;
      this.#expected = 'colon';
    } else this.#put(text);
  }

  #digits(piece: string, from: number): number {
    let at = from;
    while (at < piece.length && '-+.0123456789eE'.includes(piece.charAt(at))) at += 1;
    if (at > from) this.#text += piece.slice(from, at);
    if (at < piece.length) {
      const value = Number(this.#text);
      // What JSON cannot write again, no event can carry.
      if (isJsonNumber(this.#text) && Number.isFinite(value)) this.#show(value);
      else this.#refused = true;
    }
    return at;
  }

  #letter(char: string, at: number): number {
    const begun = this.#text + char;
    const literal = JSON_LITERALS.find((word) => word.startsWith(begun));
    this.#text = begun;
    if (literal === undefined) this.#refused = true;
    else if (literal === begun) this.#show(literal === 'null' ? null : literal === 'true');
    return at + 1;
  }

  /** Puts a value in its place that could not be seen before. */
  #show(value: Json): void {
    if (this.#admits()) {
      this.#grown = true;
      this.#put(value);
    } else this.#refused = true;
  }

  /** Puts a whole value in its place. */
  #put(value: Json): void {
    if (this.#frame === null) this.#whole = value;
    else this.#frame.append(this.#key, value);
    this.#key = '';
    this.#expected = 'comma or end';
  }
}
