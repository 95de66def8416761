// The client that the conformance suite examines: connects to the address that it is given, calls every tool once, and leaves.
import { concatMap, exhaustMap, from, map, take, timeout, toArray, type Observable } from 'rxjs';
import type { Json } from '../../src/events/json.js';
import { mcpHttp, mcpTools, type ElicitationAnswer, type ElicitationRequest } from '../../src/tools/mcp/index.js';
import type { Tool } from '../../src/tools/types.js';

const url = process.argv.at(-1) ?? '';

/** Agrees to everything and fills in nothing, so that the defaults of a form are what is sent. */
const agree = (requests: Observable<ElicitationRequest>): Observable<ElicitationAnswer> => requests.pipe(map(({ id }) => ({ id, action: 'accept' })));

/** An input that the suite's tools take. */
const input: Json = { a: 2, b: 3 };

function call(tool: Tool): Observable<unknown> {
  const { name } = tool;
  const context = { id: 'call', name, signal: new AbortController().signal, runId: 'run', path: [], iteration: 0 };
  return tool.run({ id: 'call', name, input }, context);
}

const client$ = mcpHttp(url, { elicit: agree, onWarning: (message) => console.error(message), onNotice: (notice) => console.error(notice) });

mcpTools(client$)
  .pipe(
    exhaustMap((tools) => from(tools).pipe(concatMap(call), toArray())),
    take(1),
    timeout(30_000),
  )
  .subscribe({
    next: (output) => console.error(output),
    error: (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  });
