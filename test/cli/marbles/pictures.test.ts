import fc from 'fast-check';
import { widthOf } from '../../../src/cli/width.js';
import { event } from '../../../src/testing/index.js';
import { drawn, signsOfSvg, signsOfText, svgOf } from './read-picture.js';
import { failing, hostile, hostileRun, longGaps, run, samples, tenTools } from './samples.js';

describe('a run in a terminal', () => {
  test('is drawn with its lanes, long waits cut, an axis, what went wrong, a legend and totals', () => {
    expect(drawn(longGaps, 80)).toEqual([
      '> Look into the outage of last night, and mend what you can.',
      '',
      'time (min:s)    0   0:00.5  ≈0:30  ≈1:00       ≈0:05      ≈1:00        2:37.0',
      '                ┬──────┬───≈≈≈≈≈≈─≈≈≈≈≈≈≈─────≈≈≈≈≈≈─────≈≈≈≈≈≈───────────┬─────',
      'turns           > 1────────≈≈≈≈≈≈─≈≈≈≈≈≈≈─2──↻≈≈≈≈≈≈┈────≈≈≈≈≈≈─────────3──────|',
      'thinking           ○○○',
      'text                 ●●●●                           ●●●                   ●●●●●●',
      'search_logs             ▸──≈≈≈≈≈≈✓',
      'run_benchmark             ▸≈≈≈≈≈≈─≈≈≈≈≈≈≈✓',
      'restart_service                                       ▸─?≈≈≈≈≈≈y───────✓',
      '',
      '↻ 90.92 s: attempt 1 failed (overloaded), asked again after 5.00 s',
      '',
      '> a run begins   1 turn of the model   ● text   ○ thinking   ▸ call',
      '? asks for approval   y granted   ✓ result   ↻ retry   ┈ waits to ask again',
      '| complete   ≈ time left out',
      '3 turns · 3 tool calls · 2 min 37 s · 812 tokens in, 94 out · 62 events',
    ]);
  });

  test('fits in any width, whatever the names are', () => {
    const wide = run(event.runStart('\u6F22\u5B57 '.repeat(60)), event.toolUse('a', '\u6F22\u5B57'.repeat(60)), 10, event.toolResult('a', 'x'.repeat(500), '\u{1F600}'.repeat(100), { isError: true }));
    const all = [...Object.values(samples), wide];
    fc.assert(
      fc.property(fc.constantFrom(...all), fc.integer({ min: 16, max: 220 }), (events, columns) => {
        for (const line of drawn(events, columns)) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      }),
    );
    for (const columns of [0, -1, 3, 0.5]) expect(drawn(failing, columns)).toEqual(drawn(failing, 16));
  });

  test.each([30, 80])('has each name whole, on more lines where it must (%d columns)', (columns) => {
    const left = drawn(tenTools, columns).map((line) => line.slice(0, 21).trimEnd()).join('');
    for (const name of ['get-sum', 'mcp1__read_text_file', 'mcp2__create_entities']) expect(left.replace(/[\u2500-\u25FF\u2713]/gu, '')).toContain(columns === 30 ? name.slice(0, 4) : name);
    expect(drawn(tenTools, 80).join('\n')).toMatch(/^mcp1__search_files_and_ .*\ndirectories_recursively$/mu);
  });

  test('has nothing in it that a terminal would obey or hide', () => {
    for (const line of drawn(hostileRun, 80)) expect(line).not.toMatch(/\p{Cc}|\p{Cs}|\u202e/u);
    expect(drawn(hostileRun, 200).join('\n')).toContain('\\u{1b}[31m\\u{202e}');
  });
});

const tag = /<(?<close>\/?)(?<name>[a-z]+)(?<attributes>(?: [a-zA-Z][a-zA-Z0-9-]*="[^"<>]*")*)(?<alone>\/?)>/gu;
const names = new Set(['svg', 'title', 'desc', 'style', 'rect', 'g', 'text', 'line', 'circle', 'path']);
const attributeNames = new Set(
  ['xmlns', 'width', 'height', 'viewBox', 'role', 'aria-labelledby', 'id', 'class', 'font-size', 'd', 'rx', 'r', 'x', 'y', 'cx', 'cy', 'x1', 'x2', 'y1', 'y2'],
);

/** Fails unless the text is one element of well-formed XML with nothing but the plain shapes above. */
function expectPlain(svg: string): void {
  const open: string[] = [];
  for (const { groups } of svg.matchAll(tag)) {
    const { close, name = '', attributes = '', alone } = groups ?? {};
    expect(names).toContain(name);
    for (const [, attribute = ''] of attributes.matchAll(/ (?<name>[a-zA-Z0-9-]+)=/gu)) expect(attributeNames).toContain(attribute);
    if (close === '/') expect(open.pop()).toBe(name);
    else if (alone === '') open.push(name);
  }
  expect(open).toEqual([]);
  const between = svg.replace(tag, '');
  expect(between.match(/.{0,40}(?:[<>]|&(?!(?:amp|lt|gt|quot|#39);))/u)).toBeNull();
  expect(svg.match(/.{0,40}(?:[^\P{Cc}\n]|\p{Cs}|[\uFFFE\uFFFF\u202e])/u)).toBeNull();
}

describe('a run as an SVG', () => {
  test.each(Object.entries(samples))('is plain: well-formed, no script, no link, no font, whatever the texts are (%s)', (_name, events) => {
    const svg = svgOf(events);
    expectPlain(svg);
    expect(svg).not.toMatch(/href|url\(|@import|@font-face|\son[a-z]+=/u);
    expect(svg.match(/https?:[^"]*/gu)).toEqual(['http://www.w3.org/2000/svg']);
  });

  test('holds any text as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expectPlain(svgOf(run(event.runStart(text), event.toolUse('a', text), event.custom(text), 1, event.error({ error: text }))));
      }),
    );
    expect(svgOf(hostileRun)).not.toContain('<script');
    expect(svgOf(hostileRun)).toContain('&lt;script&gt;');
    expect(hostile).toContain('<script>');
  });

  test('is 800 wide, tells those who cannot see it, and has colours for a dark page', () => {
    const svg = svgOf(longGaps);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="800" height="\d+(?:\.\d)?" viewBox="0 0 800 \d+" font-size="12" role="img" aria-labelledby="title desc">/u);
    expect(svg).toContain('<title id="title">Look into the outage of last night, and mend what you can.</title>');
    expect(svg).toMatch(/<desc id="desc">[^<]*3 turns · 3 tool calls[^<]*search_logs: call 1, result 1/u);
    expect(svg).toContain('prefers-color-scheme:dark');
  });

  test('has tool names whole, and marks the waits that it cuts with their lengths', () => {
    const texts = [...svgOf(tenTools).matchAll(/<text class="name"[^>]*>(?<text>[^<]*)</gu)].map(({ groups }) => groups?.['text']);
    expect(texts).toEqual(expect.arrayContaining(['get-sum', 'get-sum #2', 'mcp1__read_text_file', 'mcp1__search_files_and_', 'directories_recursively']));
    const svg = svgOf(longGaps);
    expect(svg.match(/class="gap"/gu)).toHaveLength(5);
    for (const label of ['0:30', '1:00', '0:05']) expect(svg).toContain(`>\u2248 ${label}<`);
  });
});

describe('both pictures', () => {
  test.each(Object.entries(samples))('show the same in the same order: %s', (_name, events) => {
    const [text, svg] = [signsOfText(drawn(events, 400)), signsOfSvg(svgOf(events))];
    expect(text.length).toBeGreaterThan(4);
    expect(svg).toEqual(text);
  });

  test('show what happened in the order in which it did', () => {
    expect(signsOfText(drawn(longGaps, 400))).toEqual([
      ...['0 start', '0 turn 1', '3 call', '4 call', '3 result', '4 result', '0 turn 2', '0 retry', '5 call', '5 asked', '5 granted', '5 result', '0 turn 3', '0 complete'],
    ]);
    expect(signsOfSvg(svgOf(longGaps))).toEqual(signsOfText(drawn(longGaps, 400)));
  });
});
