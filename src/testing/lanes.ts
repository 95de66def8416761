import { isEvent } from '../events/construct.js';
import type { StreamEvent, StreamEventType } from '../events/events.js';

/**
 * The letter of every kind of event in the notation for runs. A capital is the kind that a test should not take for the
 * other: a call that cannot run, a result that is a failure, a retry that takes back, a message of the user's role.
 */
const letters: Readonly<Record<StreamEventType, string>> = {
  run_start: 's',
  iteration_start: 'i',
  iteration_end: 'e',
  complete: 'c',
  error: 'x',
  custom: '*',
  text_delta: 't',
  thinking: 'h',
  citation: 'k',
  tool_input_start: 'o',
  tool_input_delta: 'd',
  server_tool_use: 'q',
  server_tool_result: 'v',
  usage: 'u',
  message: 'm',
  retry: 'y',
  raw: 'w',
  tool_use_start: 'b',
  tool_progress: 'p',
  tool_approval: 'a',
  tool_result: 'r',
  tool_use_end: 'z',
};

/** What each letter of the notation stands for. */
const meanings: ReadonlyMap<string, string> = new Map([
  ...Object.entries(letters).map(([type, letter]): [string, string] => [letter, type]),
  ['B', 'tool_use_start with an inputError'],
  ['R', 'tool_result that is an error'],
  ['V', 'server_tool_result that is an error'],
  ['Y', 'retry with discard'],
  ['M', "message of the user's role"],
  ['a', 'tool_approval requested'],
  ['g', 'tool_approval granted'],
  ['f', 'tool_approval denied'],
]);

/** What a letter stands for where no table says so, or `undefined`. */
export const meaningOf = (letter: string): string | undefined => meanings.get(letter);

/** The letter of a type of events. */
export const letterOfType = (type: StreamEventType): string => letters[type];

/** The letter of an event. */
export function letterOf(event: StreamEvent): string {
  const letter = letters[event.type];
  switch (event.type) {
    case 'tool_use_start':
      return event.content.inputError === undefined ? letter : 'B';
    case 'tool_result':
    case 'server_tool_result':
      return event.content.isError ? letter.toUpperCase() : letter;
    case 'retry':
      return event.content.discard ? 'Y' : letter;
    case 'message':
      return event.message.role === 'user' ? 'M' : letter;
    case 'tool_approval':
      return { requested: letter, granted: 'g', denied: 'f' }[event.content.decision];
    default:
      return letter;
  }
}

const ofTool = isEvent('tool_use_start', 'tool_progress', 'tool_approval', 'tool_result', 'tool_use_end');

const ofRun: ReadonlySet<string> = new Set('sieMcx*');

/** Finds the lane of each event of a run, in the order in which they come. */
export interface LaneFinder {
  /** The lane's name: `run`, `model`, or a tool's, after those of the calls that lead to the event's agent. */
  readonly find: (event: StreamEvent) => string;
}

/**
 * Lanes by what a test has named: a call is found by its id where the test names that, else by its tool's name; the same
 * goes for the calls that lead to a sub-agent (`research/model`, `call_1/model`).
 */
export function laneFinder(named: readonly string[]): LaneFinder {
  const toolNames = new Map<string, string>();
  const key = (path: readonly string[], id: string): string => JSON.stringify([...path, id]);
  const nameOf = (path: readonly string[], id: string): string => toolNames.get(key(path, id)) ?? id;
  const find = (event: StreamEvent): string => {
    const { path } = event;
    const isTools = ofTool(event);
    if (isTools) toolNames.set(key(path, event.content.id), event.content.name);
    const own = isTools ? event.content.id : ofRun.has(letterOf(event)) ? 'run' : 'model';
    const ids = [...path, own];
    const names = [...path.map((id, at) => nameOf(path.slice(0, at), id)), isTools ? event.content.name : own];
    // Each part may be named by its id or by its tool's name.
    const choices = ids.reduce<readonly string[]>(
      (sofar, id, at) => sofar.flatMap((before) => [...new Set([id, names[at] ?? id])].map((part) => (before === '' ? part : `${before}/${part}`))),
      [''],
    );
    return choices.find((lane) => named.includes(lane)) ?? names.join('/');
  };
  return { find };
}
