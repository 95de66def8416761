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
    const output = jsonOutput(out, err, same, null);
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
  const refused = (error: string): { readonly error: string; readonly code: 'authentication' } => ({ error, code: 'authentication' });

  test('gives its advice once', () => {
    const anthropic = 'Anthropic (401): no such key (check ANTHROPIC_API_KEY or apiKey)';
    const bedrock = 'Bedrock (403): no such key (check the credentials: AWS_ACCESS_KEY_ID and others)';
    expect(failureLine(refused(anthropic), { provider: 'anthropic' })).toBe(`coldstream: ${anthropic}.`);
    expect(failureLine(refused(bedrock), { provider: 'bedrock' })).toBe(`coldstream: ${bedrock}.`);
  });

  test.each([
    ['anthropic' as const, 'Set ANTHROPIC_API_KEY to a key that is valid for this service.'],
    ['bedrock' as const, 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or AWS_BEARER_TOKEN_BEDROCK to credentials that may call the model.'],
    [null, 'Check the keys of the service.'],
  ])('names the variables of the one that was asked: %s', (provider, advice) => {
    expect(failureLine(refused('no such key'), { provider })).toBe(`coldstream: no such key. ${advice}`);
    const [out, err] = [sink(), sink()];
    const failed = event.error(refused('no such key'));
    jsonOutput(out, err, same, provider).event(failed);
    textOutput(terminalOn(out, err, {}), same, { showsPrompt: true, provider }).event(failed);
    expect(err.written()).toBe(`coldstream: no such key. ${advice}\n`.repeat(2));
  });

  test('sends to the region where Bedrock cannot be reached, and to the tools where it is those', () => {
    expect(failureLine({ error: 'ECONNREFUSED', code: 'connection' }, { provider: 'bedrock', attempts: 3 })).toBe(
      'coldstream: ECONNREFUSED (3 attempts). Is AWS_REGION or --base-url right, and can the service be reached from here?',
    );
    expect(failureLine({ error: 'The MCP server closed', code: 'connection' }, { provider: 'bedrock' })).toContain('--mcp');
  });
});

describe('secrets (D5)', () => {
  test('are taken out of everything that is written', () => {
    const redact = redactor([key, undefined, 'short']);
    const [out, err] = [sink(), sink()];
    const outputs = [
      jsonOutput(out, err, redact, 'bedrock'),
      textOutput(terminalOn(out, err, {}), redact, { showsPrompt: true, provider: 'bedrock' }),
    ];
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
    const output = textOutput(terminalOn(out, sink(), environment), same, { showsPrompt: false, provider: null });
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
      pause: () => log.push('pause'),
      resume: () => log.push('resume'),
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

  test('shows nothing while somebody is asked, and then all of it', () => {
    const log: string[] = [];
    const note = (what: string) => () => log.push(what);
    const line = { set: note('live'), hide: note('hide'), allow: note('allow'), pause: note('pause'), resume: note('resume'), close: note('close') };
    const out: Sink = { write: (text) => log.push(text) };
    const output = textOutput(terminalOn(out, out, {}, line), same, { showsPrompt: false, provider: null });
    output.event(event.text('half'));
    log.length = 0;
    output.hold();
    expect(log).toEqual(['hide', '\n', 'allow', 'pause']);
    output.event(event.text('more\n'));
    output.event(event.toolProgress('a', 'one', {}));
    expect(log.slice(4)).toEqual([]);
    output.release();
    expect(log.slice(4)).toEqual(['allow', 'resume', 'hide', 'more\n', 'allow', 'live']);
    output.hold();
    output.event(event.text('last'));
    output.close();
    expect(log.slice(-6)).toEqual(['allow', 'resume', 'hide', 'last', 'allow', 'close']);
  });
});
