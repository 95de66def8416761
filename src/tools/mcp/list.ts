import { catchError, defer, EMPTY, expand, from, map, of, reduce, throwError, timeout, type Observable } from 'rxjs';
import { isColdstreamError, messageOf } from '../../errors/describe.js';
import { TimeoutError, ToolSourceError } from '../../errors/errors.js';
import { withSignal } from '../../internal/abort.js';
import { anyResult, noTimeout, type McpClient } from './client.js';
import { codeOf, isRecord, printable } from './guards.js';
import type { ListedTool } from './listed-tool.js';
import { definitionHash } from './pins.js';
import { checkSchema } from './schema.js';
import type { ToolAnnotations } from '../types.js';

const maxPages = 64;
const methodNotFound = -32_601;

interface Page {
  readonly tools: readonly unknown[];
  readonly nextCursor?: string;
}

interface ListSettings {
  readonly listTimeout: number;
  readonly warn: (message: string) => void;
}

function toPage(result: unknown): Page {
  if (!isRecord(result) || !Array.isArray(result['tools'])) {
    throw new ToolSourceError('The MCP server answered tools/list with something that is not a list of tools.');
  }
  const { tools, nextCursor } = result;
  return typeof nextCursor === 'string' && nextCursor !== '' ? { tools, nextCursor } : { tools };
}

function fetchPage(client: McpClient, cursor: string | undefined, limit: number): Observable<Page> {
  const params = cursor === undefined ? {} : { params: { cursor } };
  return withSignal((signal) => from(client.request({ method: 'tools/list', ...params }, anyResult, { signal, timeout: noTimeout }))).pipe(
    timeout({
      first: limit,
      with: () => throwError(() => new TimeoutError(`The MCP server did not list its tools within ${limit} ms.`)),
    }),
    map(toPage),
  );
}

function describe(tool: { readonly [member: string]: unknown }, name: string): string {
  const [described] = [tool['description'], tool['title']].filter((text) => typeof text === 'string' && text !== '');
  return typeof described === 'string' ? described : name;
}

const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'] as const;

/** What the server says of the tool, for people and policies to see; undefined if nothing. */
function annotationsOf(value: unknown): ToolAnnotations | undefined {
  if (!isRecord(value)) return undefined;
  const said = hints.flatMap((hint) => (typeof value[hint] === 'boolean' ? [[hint, value[hint]] as const] : []));
  const { title } = value;
  return { ...(typeof title === 'string' && { title }), ...Object.fromEntries(said) };
}

function toListed(tool: unknown, warn: (message: string) => void): readonly ListedTool[] {
  const name = isRecord(tool) ? tool['name'] : undefined;
  if (!isRecord(tool) || typeof name !== 'string' || name === '') {
    warn('The MCP server listed a tool without a name; it is left out.');
    return [];
  }
  const refuse = (reason: string): readonly ListedTool[] => {
    warn(`The MCP tool "${printable(name, 80)}" is left out: ${reason}.`);
    return [];
  };
  const { execution } = tool;
  if (isRecord(execution) && execution['taskSupport'] === 'required') return refuse('it can only be called as a task');
  const checked = checkSchema(tool['inputSchema']);
  if ('refused' in checked) return refuse(`its input schema cannot be used, since ${checked.refused}`);
  const output = tool['outputSchema'] === undefined ? undefined : checkSchema(tool['outputSchema']);
  if (output !== undefined && 'refused' in output) return refuse(`its output schema cannot be used, since ${output.refused}`);
  const annotations = annotationsOf(tool['annotations']);
  const definition = {
    name,
    description: describe(tool, name),
    inputSchema: checked.schema,
    ...(output !== undefined && { outputSchema: output.schema }),
    ...(annotations !== undefined && { annotations }),
  };
  return [{ ...definition, hash: definitionHash({ ...definition, annotations: { ...annotations } }) }];
}

/**
 * All pages of the server's tools. A cursor that comes back, or more than 64 pages, ends the list with a warning; a
 * tool that cannot be used is left out with a warning. A server that knows no `tools/list` has no tools.
 */
export function listTools(client: McpClient, { listTimeout, warn }: ListSettings): Observable<readonly ListedTool[]> {
  return defer(() => {
    const seen = new Set<string>();
    const next = ({ nextCursor }: Page): Observable<Page> => {
      if (nextCursor === undefined) return EMPTY;
      if (seen.has(nextCursor) || seen.size >= maxPages - 1) {
        warn(`The MCP server's list of tools does not end; the first ${seen.size + 1} pages are used.`);
        return EMPTY;
      }
      seen.add(nextCursor);
      return fetchPage(client, nextCursor, listTimeout);
    };
    const first$ = fetchPage(client, undefined, listTimeout).pipe(
      catchError((error: unknown) => (codeOf(error) === methodNotFound ? of({ tools: [] }) : throwError(() => error))),
    );
    return first$.pipe(
      expand(next),
      reduce((all: readonly ListedTool[], page) => [...all, ...page.tools.flatMap((tool) => toListed(tool, warn))], []),
      catchError((error: unknown) => throwError(() => listError(error))),
    );
  });
}

function listError(error: unknown): Error {
  if (isColdstreamError(error)) return error;
  return new ToolSourceError(`The tools of the MCP server could not be listed: ${messageOf(error)}`, { cause: error });
}
