// A progress indicator: events become one line that says what is happening now.
import assert from 'node:assert/strict';
import { agent, progress, tool, type StreamEvent } from 'coldstream';
import { scriptedProvider, textTurn, toolTurn } from 'coldstream/testing';
import { concat, distinctUntilChanged, filter, interval, map, of, take } from 'rxjs';

// A tool reports by what it emits; the last value is its result.
const indexing = tool({
  name: 'indexing',
  description: 'Reads all files.',
  input: { type: 'object' },
  execute: () =>
    concat(
      interval(30).pipe(
        take(3),
        map((step) => progress({ progress: step + 1, total: 3 })),
      ),
      of('212 files'),
    ),
});
const provider = scriptedProvider([toolTurn({ id: 'call_1', name: 'indexing' }), textTurn('There are ', '212 files.')], { pace: 20 });

/** What to show from this event on; undefined where it changes nothing. */
function statusOf(event: StreamEvent): string | undefined {
  switch (event.type) {
    case 'iteration_start':
      return 'Waiting for the model…';
    case 'text_delta':
      return 'Generating response…';
    case 'tool_use_start':
      return `Calling tool: ${event.content.name}…`;
    case 'tool_progress':
      return `Calling tool: ${event.content.name}… ${event.content.progress ?? 0} of ${event.content.total ?? '?'}`;
    case 'complete':
      return '✓ Complete';
    case 'error':
      return `✗ ${event.content.error}`;
    default:
      return undefined;
  }
}

const statuses: string[] = [];

agent({ provider, tools: [indexing] })('How many files are there?')
  .pipe(
    map(statusOf),
    filter((status) => status !== undefined),
    distinctUntilChanged(),
  )
  .subscribe({
    next: (status) => {
      statuses.push(status);
      // In a terminal each line replaces the one before.
      process.stdout.write(process.stdout.isTTY ? `\r\u001b[K${status}` : `${status}\n`);
    },
    complete: () => process.stdout.isTTY && process.stdout.write('\n'),
  });

process.on('exit', () => {
  assert.deepEqual(statuses, [
    'Waiting for the model…',
    'Calling tool: indexing…',
    'Calling tool: indexing… 1 of 3',
    'Calling tool: indexing… 2 of 3',
    'Calling tool: indexing… 3 of 3',
    'Waiting for the model…',
    'Generating response…',
    '✓ Complete',
  ]);
});
