import fc from 'fast-check';
import type { StreamEvent } from '../../src/events/events.js';
import { emptyView, render, type Piece } from '../../src/cli/render.js';
import { liveText } from '../../src/cli/width.js';
import { event, tokens } from '../../src/testing/index.js';

function pieces(events: readonly StreamEvent[], showsPrompt = false): readonly Piece[] {
  let view = emptyView(showsPrompt, 'anthropic');
  return events.flatMap((next) => {
    const [after, shown] = render(view, next);
    view = after;
    return shown;
  });
}

/** Standard output where no line can be redrawn. */
const plain = (events: readonly StreamEvent[], showsPrompt = false): string =>
  pieces(events, showsPrompt)
    .map((piece) => (piece.type === 'text' ? piece.text : piece.type === 'progress' ? `${piece.text}\n` : ''))
    .join('');

const notes = (events: readonly StreamEvent[]): readonly string[] => pieces(events).flatMap((piece) => (piece.type === 'note' ? [piece.text] : []));
const lives = (events: readonly StreamEvent[]): readonly string[] =>
  pieces(events).flatMap((piece) => (piece.type === 'live' ? [liveText(piece.parts, 100)] : []));

describe('what a run puts on the screen', () => {
  test('text as it streams, tool calls with their progress, totals at the end', () => {
    const events = [
      event.runStart('What is 1 plus 2?'),
      event.iterationStart({ timestamp: 1_000 }),
      event.thinking('Hm.', { timestamp: 1_035 }),
      event.text('I will '),
      event.text('add.'),
      event.toolUse('a', 'get-sum', { a: 1, b: 2 }),
      event.toolProgress('a', 'get-sum', { progress: 1, total: 2, message: 'half way' }),
      event.toolResult('a', 'get-sum', 'is 3', { durationMs: 1_500 }),
      event.iterationStart({ iteration: 1, timestamp: 5_000 }),
      event.text('3.', { iteration: 1 }),
      event.complete({ iteration: 1, usage: tokens(10, 20, { cacheReadTokens: 5 }) }),
    ];
    expect(plain(events, true)).toBe(
      [
        '> What is 1 plus 2?',
        '',
        'Hm.',
        'I will add.',
        '\u2192 get-sum {"a":1,"b":2}',
        '  get-sum 1/2 half way',
        '\u2713 get-sum: is 3 (1.50 s)',
        '3.',
        '',
        '2 iterations \u00b7 15 tokens in (5 from the cache), 20 out \u00b7 first token after 35 ms',
        '',
      ].join('\n'),
    );
  });

  test('the live line follows all calls that run, and goes with the last', () => {
    const events = [
      event.toolUse('a', 'one'),
      event.toolUse('b', 'two'),
      event.toolProgress('b', 'two', { progress: 1, total: 4 }),
      event.toolResult('a', 'one'),
      event.toolResult('b', 'two'),
    ];
    expect(lives(events)).toEqual(['one', 'one \u00b7 two', 'one \u00b7 two 1/4', 'two 1/4', '']);
  });

  test('a run that fails takes the live line away', () => {
    expect(lives([event.toolUse('a', 'one'), event.error()]).at(-1)).toBe('');
  });

  test('a failure is one line on standard error that says what to do', () => {
    const refused = event.error({ error: 'Could not reach the service: connect ECONNREFUSED 127.0.0.1:1', code: 'connection' });
    expect(notes([event.text('Hel'), refused])).toEqual([
      'coldstream: Could not reach the service: connect ECONNREFUSED 127.0.0.1:1. Is --base-url right, and can it be reached from here?',
    ]);
    expect(plain([event.text('Hel'), refused])).toBe('Hel\n');
    expect(notes([event.error({ error: 'invalid x-api-key', code: 'authentication' })])[0]).toContain('Set ANTHROPIC_API_KEY');
    expect(notes([event.error({ error: 'The MCP server "x" was lost.', code: 'connection' })])[0]).toContain('--mcp');
    expect(notes([event.error({ error: 'a\nb\u001b', code: 'unknown' })])).toEqual(['coldstream: a b\\u{1b}.']);
  });

  test('a retry stands on the live line until the next attempt answers, and says on the screen what it takes back', () => {
    const events = [event.text('Hel'), event.retry({ attempt: 1, delayMs: 500, discard: true }), event.text('Hello')];
    expect(notes(events)).toEqual([]);
    expect(lives(events)).toEqual(['attempt 1 failed (overloaded); the next one follows in 500 ms', '']);
    expect(plain(events)).toBe('Hel\n(what this turn has said so far is dropped)\nHello');
  });

  test('the line that ends a failed run counts the attempts of its last turn', () => {
    const retry = event.retry({ attempt: 2, delayMs: 500 });
    expect(notes([retry, event.error({ error: 'Overloaded', code: 'unknown' })])).toEqual(['coldstream: Overloaded (3 attempts).']);
    expect(notes([retry, event.iterationStart(), event.error({ error: 'Overloaded', code: 'unknown' })])).toEqual(['coldstream: Overloaded.']);
  });

  test('an unusual stop reason, a failed tool, input that is no JSON and blocks without text are told', () => {
    expect(plain([event.complete({ stopReason: 'max_tokens' })])).toContain('stopped: max_tokens');
    expect(plain([event.toolResult('a', 'one', 'broken', { isError: true })])).toContain('\u2717 one: broken');
    expect(plain([event.invalidToolUse('a', 'one', '{"a')])).toContain('not JSON: {"a');
    const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'AA==' } } as const;
    expect(plain([event.toolResult('a', 'one', [image])])).toContain('one: [image]');
    expect(plain([event.toolResult('a', 'one', '')])).toContain('one: (nothing)');
  });

  test('what is waited for stands on the live line until something comes, and breaks no text', () => {
    const events = [event.runStart(), event.iterationStart(), event.text('half of '), event.iterationStart({ iteration: 1 }), event.text('it')];
    expect(lives(events)).toEqual(['starting', 'waiting for the model', '', 'waiting for the model', '']);
    expect(plain(events)).toBe('half of it');
    expect(lives([event.runStart('Hi', { path: ['a'] }), event.iterationStart({ path: ['a'] })])).toEqual([]);
  });

  test('on a narrow live line the time until the next attempt is whole', () => {
    const [part] = pieces([event.retry({ attempt: 1, delayMs: 4_310 })]).flatMap((piece) => (piece.type === 'live' ? [liveText(piece.parts, 57)] : []));
    expect(part).toMatch(/^attempt 1.*\u2026 the next one follows in 4\.31 s$/u);
  });

  test('a call that waits for approval stands on the live line; what was decided stays', () => {
    const events = [event.toolApproval('a', 'rm', 'requested'), event.toolApproval('a', 'rm', 'granted'), event.toolApproval('b', 'rm', 'denied', { reason: 'not today' })];
    expect(lives(events.slice(0, 2))).toEqual(['rm waits for approval', 'rm']);
    expect(plain(events)).toBe('? rm granted\n? rm denied: not today\n');
  });

  test("a sub-agent's calls are indented; its text and its end are not shown", () => {
    const path = ['outer'];
    const events = [event.toolUse('a', 'one', {}, { path }), event.text('secret', { path }), event.complete({ path }), event.error({}, { path })];
    expect(plain(events)).toBe('  \u2192 one {}\n');
    expect(notes(events)).toEqual([]);
  });

  test('a character that is cut between two deltas is whole (D2: so is a hidden one)', () => {
    expect(plain([event.text('a\ud83d'), event.text('\ude00')])).toBe('a\u{1f600}');
    expect(plain([event.text('\udb40'), event.text('\udc41b')])).toBe('\\u{e0041}b');
    expect(plain([event.text('a\ud83d'), event.complete()])).toContain('a\\u{d83d}\n');
  });

  test('nothing of any event reaches the terminal raw (D2)', () => {
    const nasty = fc.constantFrom('\u001b[2J', '\u009b31m', '\u202e', '\u200b', '\u{e0041}', '\u2028', '\r', '\u0007', 'a\n', 'x');
    const evil = fc.array(nasty, { maxLength: 6 }).map((parts) => parts.join(''));
    const anyEvent = fc.oneof(
      evil.map((text): StreamEvent => event.text(text)),
      evil.map((text): StreamEvent => event.thinking(text)),
      evil.map((text): StreamEvent => event.runStart(text)),
      evil.map((text): StreamEvent => event.toolUse(text, text, { [text]: text })),
      evil.map((text): StreamEvent => event.invalidToolUse(text, text, text)),
      evil.map((text): StreamEvent => event.toolProgress(text, text, { message: text, partial: [text] })),
      evil.map((text): StreamEvent => event.toolApproval(text, text, 'denied', { reason: text })),
      evil.map((text): StreamEvent => event.toolResult(text, text, text)),
      evil.map((text): StreamEvent => event.serverToolUse(text, text, text)),
      evil.map((text): StreamEvent => event.retry({ to: text, error: { code: 'unknown', message: text } })),
      evil.map((text): StreamEvent => event.complete({ stopReason: text })),
      evil.map((text): StreamEvent => event.error({ error: text })),
    );
    fc.assert(
      fc.property(fc.array(anyEvent), (events) => {
        const shown = pieces(events, true).map((piece) => ('text' in piece ? piece.text : liveText(piece.parts, 1000)));
        expect(shown.join('')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u202e\u{e0041}]/u);
      }),
    );
  });
});
