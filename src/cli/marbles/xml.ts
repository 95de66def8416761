import { printable } from '../printable.js';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** What no XML may hold, even escaped; all else of that kind is printed as `\u{1b}` before. */
const notXml = /[\uFFFE\uFFFF]/gu;

/** Foreign text as text or as an attribute's value: nothing in it is markup, and nothing in it is hidden. */
export function xmlText(text: string): string {
  return printable(text)
    .replace(notXml, (character) => `\\u{${character.charCodeAt(0).toString(16)}}`)
    .replace(/[&<>"']/gu, (character) => entities[character] ?? '');
}

type Attributes = Readonly<Record<string, string | number>>;

const number = (value: number): string => String(Math.round(value * 10) / 10);

/** An element. Attributes and `text` are escaped; `inner` is markup already. */
export function element(name: string, attributes: Attributes, ...inner: readonly string[]): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${typeof value === 'number' ? number(value) : xmlText(value)}"`);
  return inner.length === 0 ? `<${name}${list.join('')}/>` : `<${name}${list.join('')}>${inner.join('')}</${name}>`;
}
