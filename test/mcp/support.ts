import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom, interval, lastValueFrom, map, startWith, timeout, toArray, type Observable, type Subscription } from 'rxjs';
import { mcpStdio, mcpTools, type McpClient, type McpStdioOptions, type McpToolsOptions } from 'coldstream/mcp';
import type { StreamEvent } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import type { Tool, ToolOutcome } from '../../src/tools/types.js';

export const fixture = (name: string): string => join(__dirname, 'fixtures', name);

/** Processes of this test file carry it in their environment, those that they start too. */
export const mark = { COLDSTREAM_TEST_MARK: `${process.pid}-${Math.random()}` };

function hasMark(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark.COLDSTREAM_TEST_MARK);
  } catch {
    return false;
  }
}

/** The processes that live and were started from this file. (A zombie has no environment any more.) */
export function started(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && hasMark(name));
}

/** Waits until the condition holds; fails if it does not come to hold. */
export async function until(condition: () => boolean): Promise<void> {
  await firstValueFrom(interval(10).pipe(startWith(0), map(condition), filter(Boolean), timeout(15_000)));
}

const subscriptions = new Set<Subscription>();

/** Ends what a failed test has left, and waits until no process is there; fails if one stays. */
export async function nobodyLeft(): Promise<void> {
  for (const subscription of subscriptions) subscription.unsubscribe();
  subscriptions.clear();
  await until(() => started().length === 0);
}

/** A server of ours, written for the test. */
export function server(name: string, args: readonly string[] = [], options: McpStdioOptions = {}): Observable<McpClient> {
  return mcpStdio(process.execPath, [fixture(name), ...args], { ...options, env: { ...mark, ...options.env } });
}

/** What is in use: the latest tools by name, all lists so far, and what the source has failed with since the first. */
export type Use<T> = (find: (name: string) => Tool, lists: readonly (readonly Tool[])[], failures: readonly unknown[]) => Promise<T>;

/** Subscribes the tools, uses them, and unsubscribes. */
export function using<T>(client: McpClient | Observable<McpClient>, options: McpToolsOptions, use: Use<T>): Promise<T> {
  const lists: (readonly Tool[])[] = [];
  const failures: unknown[] = [];
  const find = (name: string): Tool => {
    const found = lists.at(-1)?.find((tool) => tool.name === name);
    if (found === undefined) throw new Error(`no tool ${name}`);
    return found;
  };
  return new Promise((resolve, reject) => {
    const subscription = mcpTools(client, options).subscribe({
      next: (tools) => {
        lists.push(tools);
        if (lists.length === 1) void use(find, lists, failures).then(resolve, reject).finally(() => subscription.unsubscribe());
      },
      error: (error: unknown) => {
        failures.push(error);
        if (lists.length === 0) reject(error);
      },
    });
    subscriptions.add(subscription);
  });
}

export type Output = StreamEvent | ToolOutcome;

/** One call, as the agent would make it. */
export function call(tool: Tool, input: Json = {}): Observable<Output> {
  const { name } = tool;
  const context = { id: 'call_1', name, signal: new AbortController().signal, runId: 'run_1', path: [], iteration: 2 };
  return tool.run({ id: 'call_1', name, input }, context);
}

export function outputs(tool: Tool, input: Json = {}): Promise<readonly Output[]> {
  return lastValueFrom(call(tool, input).pipe(toArray()));
}

export async function outcome(tool: Tool, input: Json = {}): Promise<ToolOutcome> {
  const last = (await outputs(tool, input)).at(-1);
  if (last?.type !== 'tool_outcome') throw new Error('the last output is not an outcome');
  return last;
}

/** The text of an outcome with one text block. */
export async function textOf(tool: Tool, input: Json = {}): Promise<string> {
  const [block] = (await outcome(tool, input)).content;
  return block?.type === 'text' ? block.text : '';
}
