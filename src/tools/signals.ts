import type { Custom, ToolProgress } from '../events/events.js';
import type { Json } from '../events/json.js';

type Progress = Omit<ToolProgress['content'], 'id' | 'name'>;

/** A value that a tool emits to be shown at once, and that is not its result. Made by `progress` and `custom`. */
export type ToolSignal =
  | { readonly _tag: 'ToolSignal'; readonly type: 'tool_progress'; readonly progress: Progress }
  | { readonly _tag: 'ToolSignal'; readonly type: 'custom'; readonly name: string; readonly content: Custom['content'] };

/**
 * A progress report, for a tool's `execute` to emit; it becomes a `tool_progress` event at once.
 *
 * @param report `progress` of `total` in units of the tool's own, a `message` for people, a `partial` value
 */
export function progress(report: Progress): ToolSignal {
  return { _tag: 'ToolSignal', type: 'tool_progress', progress: report };
}

/**
 * An event of the application's own, for a tool's `execute` to emit; it becomes a `custom` event at once.
 *
 * @param name tells the application's events apart
 * @param content any JSON value
 */
export function custom(name: string, content: Json): ToolSignal {
  return { _tag: 'ToolSignal', type: 'custom', name, content };
}

/** Whether the value was made by `progress` or `custom`, in whichever copy of the package. */
export function isToolSignal(value: unknown): value is ToolSignal {
  return typeof value === 'object' && value !== null && '_tag' in value && value._tag === 'ToolSignal';
}
