import { failureLine } from '../../src/cli/hints.js';
import { jsonOutput, redactor, textOutput } from '../../src/cli/output.js';
import { canRedraw, terminalOn, type Sink } from '../../src/cli/terminal.js';
import type { LivePart } from '../../src/cli/width.js';
import { event } from '../../src/testing/index.js';

function sink(isTTY = false): Sink & { readonly written: () => string } {
  let all = '';
  return { isTTY, columns: 80, write: (text) => (all += text), written: () => all };
}

const same = redactor([]);
const key = 'sk-canary-123';

describe('output for programs', () => {
  test('is one event a line, and nothing else on standard output', () => {
    const [out, err] = [sink(), sink()];
    const output = jsonOutput(out, err, same);
    output.notice('from a stand-in');
    output.event(event.text('a\n\u009b'));
    output.event(event.error('broken'));
    expect(out.written().split('\n')).toHaveLength(3);
    expect(out.written()).toContain('\\u009b');
    expect(JSON.parse(out.written().split('\n')[0] ?? '')).toEqual(event.text('a\n\u009b'));
    expect(err.written()).toBe('from a stand-in\ncoldstream: broken. Wait a while and run it again.\n');
  });
});

describe('the line that says what went wrong', () => {
  test('gives its advice once', () => {
    const refused = { error: 'Anthropic (401): no such key (check ANTHROPIC_API_KEY or apiKey)', code: 'authentication' } as const;
    expect(failureLine(refused)).toBe(`coldstream: ${refused.error}.`);
    expect(failureLine({ ...refused, error: 'no such key' })).toBe(
      'coldstream: no such key. Set ANTHROPIC_API_KEY to a key that is valid for this service.',
    );
  });
});

describe('secrets (D5)', () => {
  test('are taken out of everything that is written', () => {
    const redact = redactor([key, undefined, 'short']);
    const [out, err] = [sink(), sink()];
    const outputs = [jsonOutput(out, err, redact), textOutput(terminalOn(out, err, {}), redact, true)];
    for (const output of outputs) {
      output.notice(`notice ${key}`);
      output.event(event.runStart(key));
      output.event(event.toolUse('a', 'echo', { key }));
      output.event(event.error(`refused ${key}`));
      output.failure(new Error(`lost ${key}`));
    }
    expect(`${out.written()}${err.written()}`).not.toContain(key);
    expect(out.written()).toContain('[redacted]');
    expect(redact('short')).toBe('short');
  });
});

describe('the terminal', () => {
  const show = (out: Sink, environment: Record<string, string>): void => {
    const output = textOutput(terminalOn(out, sink(), environment), same, false);
    output.event(event.toolUse('a', 'one'));
    output.event(event.toolProgress('a', 'one', { progress: 1 }));
    output.event(event.toolResult('a', 'one'));
    output.event(event.complete());
    output.close();
  };

  test('gets no escape where it is none: plain lines, progress included', () => {
    const out = sink(false);
    show(out, {});
    expect(out.written()).not.toContain('\u001b');
    expect(out.written()).toContain('\n  one 1\n');
  });

  test('gets colour where it is one, unless NO_COLOR or a dumb terminal refuses it', () => {
    const [coloured, refused, empty, dumb] = [sink(true), sink(true), sink(true), sink(true)];
    show(coloured, {});
    show(refused, { NO_COLOR: '1' });
    show(empty, { NO_COLOR: '' });
    show(dumb, { TERM: 'dumb' });
    expect(coloured.written()).toContain('\u001b[');
    expect(refused.written()).not.toContain('\u001b');
    expect(empty.written()).toContain('\u001b[');
    expect(dumb.written()).not.toContain('\u001b');
  });

  test('has a live line only where it can redraw one', () => {
    expect(canRedraw(sink(true), {})).toBe(true);
    expect(canRedraw(sink(false), {})).toBe(false);
    expect(canRedraw(sink(true), { TERM: 'dumb' })).toBe(false);
    expect(canRedraw(sink(true), { CI: 'true' })).toBe(false);
  });

  test('takes the live line away before it writes, and shows no progress lines beside it', () => {
    const log: string[] = [];
    const line = {
      set: (parts: readonly LivePart[]) => log.push(`live ${parts.map(({ name }) => name).join()}`),
      hide: () => log.push('hide'),
      allow: (atStart: boolean) => log.push(`allow ${atStart}`),
      close: () => log.push('close'),
    };
    const out: Sink = { write: (text) => log.push(text) };
    const terminal = terminalOn(out, out, {}, line);
    terminal.show({ type: 'live', parts: [{ name: 'one', progress: '' }] });
    terminal.show({ type: 'progress', text: 'one 1/2' });
    terminal.show({ type: 'text', text: 'half', tone: 'plain' });
    terminal.show({ type: 'note', text: 'note', tone: 'dim' });
    terminal.show({ type: 'text', text: 'line\n', tone: 'plain' });
    terminal.close();
    expect(log).toEqual(['live one', 'hide', 'half', 'allow false', 'hide', 'note\n', 'hide', 'line\n', 'allow true', 'close']);
  });
});
