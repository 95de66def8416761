import type { Observable } from 'rxjs';
import type { Json } from '../../events/json.js';
import type { Tool } from '../../tools/types.js';

/** One call, as what the tool works on sees it. The laws say what it does next. */
export interface ToolWork {
  /** Whether the work is over: answered, failed or stopped. */
  readonly closed: () => boolean;
  /** Answers. Does nothing once the work is over. */
  readonly answer: () => void;
  /** Has the tool report: a progress, a partial value. */
  readonly report?: () => void;
  /** Fails. */
  readonly fail?: () => void;
}

/** A tool, and what it works on. */
export interface ToolBench {
  readonly tool: Tool;
  /** The calls so far, in the order in which they began; a longer list each time. */
  readonly work: () => readonly ToolWork[];
}

/** What a tool owes, by name. {@link toolLaws} says what each means. */
export type ToolLaw = 'cold' | 'apart' | 'left at once' | 'left while working' | 'answered' | 'failed' | 'of the call' | 'plain';

/** A tool, handed over to the laws with what it works on. */
export interface ToolSubject {
  readonly name: string;
  /**
   * Subscribed once for each law: opens what the tool works on, and emits it with the tool. Does not complete. Unsubscribed,
   * it closes everything.
   */
  readonly open: () => Observable<ToolBench>;
  /** An input that the tool takes. Default `{}`. */
  readonly input?: Json;
  /** Laws that cannot be held over this tool, with the reason; the title of the suite names them. */
  readonly without?: Readonly<Partial<Record<ToolLaw, string>>>;
  /** How long to wait for what is owed before the law counts as broken, in milliseconds. Default 5,000. */
  readonly patience?: number;
}
