/** What a tool says of how far it is. */
export interface ProgressReport {
  readonly progress?: number | undefined;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
  /** Anything that JSON can hold. */
  readonly partial?: unknown;
}

/** A value that a tool emits to be shown at once, and that is not its result. Made by `progress` and `custom`. */
export type ToolSignal =
  | { readonly _tag: 'ToolSignal'; readonly type: 'tool_progress'; readonly progress: ProgressReport }
  | { readonly _tag: 'ToolSignal'; readonly type: 'custom'; readonly name: string; readonly content: unknown };

/**
 * A progress report, for a tool's `execute` to emit; it becomes a `tool_progress` event at once.
 *
 * @param report `progress` of `total` in units of the tool's own, a `message` for people, a `partial` value
 */
export function progress(report: ProgressReport): ToolSignal {
  return { _tag: 'ToolSignal', type: 'tool_progress', progress: report };
}

/**
 * An event of the application's own, for a tool's `execute` to emit; it becomes a `custom` event at once.
 *
 * @param name tells the application's events apart
 * @param content anything that JSON can hold; if it cannot, the call fails
 */
export function custom(name: string, content: unknown): ToolSignal {
  return { _tag: 'ToolSignal', type: 'custom', name, content };
}

/** Whether the value was made by `progress` or `custom`, in whichever copy of the package. */
export function isToolSignal(value: unknown): value is ToolSignal {
  return typeof value === 'object' && value !== null && '_tag' in value && value._tag === 'ToolSignal';
}
