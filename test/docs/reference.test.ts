import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as coldstream from 'coldstream';
import { isColdstreamError, RunError, type ColdstreamError, type ErrorCode, type StreamEventType } from 'coldstream';

const page = (file: string): string => readFileSync(join(__dirname, '../..', file), 'utf8');

/** The cells of each row of the page's tables whose first cell is a name in code, without the backticks. */
function rowsOf(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row.split(/(?<!\\) \| ?/).map((cell) => cell.replaceAll('`', '').trim()));
}

const first = (row: readonly string[]): string => row[0] ?? '';

describe('docs/events.md', () => {
  const types: Readonly<Record<StreamEventType, true>> = {
    run_start: true,
    iteration_start: true,
    text_delta: true,
    thinking: true,
    citation: true,
    tool_input_start: true,
    tool_input_delta: true,
    tool_use_start: true,
    tool_progress: true,
    tool_approval: true,
    tool_result: true,
    tool_use_end: true,
    server_tool_use: true,
    server_tool_result: true,
    usage: true,
    message: true,
    retry: true,
    raw: true,
    custom: true,
    iteration_end: true,
    complete: true,
    error: true,
  };

  it('tells of each type of event once, and of no other', () => {
    const [, described = ''] = /^## The types\n([\s\S]*?)^## /m.exec(page('docs/events.md')) ?? [];
    expect(rowsOf(described).map(first).sort()).toEqual(Object.keys(types).sort());
  });
});

describe('docs/errors.md', () => {
  const codes: Readonly<Record<ErrorCode, true>> = {
    connection: true,
    timeout: true,
    authentication: true,
    rate_limit: true,
    overloaded: true,
    server: true,
    invalid_request: true,
    truncated: true,
    protocol: true,
    model: true,
    output: true,
    aborted: true,
    configuration: true,
    tool_source: true,
    history: true,
    history_busy: true,
    callback: true,
    discarded: true,
    overflow: true,
    unknown: true,
  };
  const [, table = ''] = /^## The codes\n([\s\S]*?)^## /m.exec(page('docs/errors.md')) ?? [];
  const rows = rowsOf(table);

  /** One error of each exported class that has a code of its own. */
  function errors(): readonly ColdstreamError[] {
    const classes = Object.entries(coldstream).filter(([name]) => name.endsWith('Error') && !['ColdstreamError', 'RunError'].includes(name));
    return classes.flatMap(([, exported]) => {
      const made: unknown = typeof exported === 'function' ? Reflect.construct(exported, ['message']) : undefined;
      return isColdstreamError(made) ? [made] : [];
    });
  }

  it('tells of each code once, and of no other', () => {
    expect(rows.map(first).sort()).toEqual(Object.keys(codes).sort());
  });

  it('is the table of src/errors/codes.ts as far as that goes', () => {
    const [comment = ''] = /\/\*\*[\s\S]*?\*\//.exec(page('src/errors/codes.ts')) ?? [];
    const brief = rowsOf(comment.replaceAll(/^ \* ?/gm, ''));
    expect(brief.map(first)).toEqual(rows.map(first));
    expect(brief.map((row) => row[2])).toEqual(rows.map((row) => row[2]));
  });

  it('names the class of each code, and says truly whether it is retryable', () => {
    const told = new Map(rows.map(([code, name, retryable]) => [code, { name, retryable: retryable !== 'no' }]));
    const made = errors();
    expect(made).toHaveLength(Object.keys(codes).length - 1);
    for (const { code, name, retryable } of made) expect({ code, ...told.get(code) }).toEqual({ code, name, retryable });
  });

  it('tells of RunError, which has the code of the event that it stands for', () => {
    expect(page('docs/errors.md')).toContain(RunError.name);
  });
});
