/** A piece of work whose CPU is measured. */
export interface Work {
  readonly method: 'text' | 'toolInput' | 'loop';
  readonly prompt: string;
  /** Deltas, bytes or runs: what the cost is divided by. */
  readonly units: number;
}

/** What a client's process is asked to measure. */
export type Task =
  /**
   * CPU of each piece of work, one after the other in one process, each beyond that of `base` where there is one. Before
   * that the same work for `warm` milliseconds of CPU: until the compiler has seen what is hot, any client costs several
   * times what it costs in a process that lives.
   */
  | { readonly kind: 'cpu'; readonly works: readonly Work[]; readonly base?: Work; readonly milliseconds: number; readonly warm: number }
  /** Time from the question to the first piece of text, one request at a time. */
  | { readonly kind: 'first'; readonly requests: number }
  /** Delay of a delta between the service's write and the subscriber, with many streams at once. */
  | { readonly kind: 'paced'; readonly streams: number; readonly interval: number; readonly count: number }
  /** Heap of a stream that is open and quiet. */
  | { readonly kind: 'heap'; readonly streams: number };

/** What it measured: each figure by its name, with its unit. */
export type Figures = Readonly<Record<string, number>>;

/** The first line of a client's standard input. */
export interface Order {
  /** The module, beside the worker. */
  readonly client: string;
  readonly url: string;
  readonly task: Task;
}
