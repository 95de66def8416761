import type { StreamEvent, StreamEventOf } from '../../src/events/events.js';
import type { Json } from '../../src/events/json.js';
import { GrowingList } from './growing-list.js';

/** A tool call as far as it has come. */
export interface CallSnapshot {
  readonly id: string;
  readonly name: string;
  /** The iteration that asks for it. */
  readonly iteration: number;
  /**
   * `writing`: the model still writes its input. `called`: it is asked for, and runs as soon as it may. `waiting`: for
   * an approval. `done` and `failed`: it has a result. `cut`: the turn ended in the middle of its input.
   */
  readonly status: 'writing' | 'called' | 'waiting' | 'done' | 'failed' | 'cut';
  /** The whole input; missing while it is written. */
  readonly input?: Json;
  /** Why no tool is given this input; missing where there is nothing wrong. */
  readonly inputError?: { readonly text: string; readonly message: string };
  /** What was last said of its approval. */
  readonly approval?: StreamEventOf<'tool_approval'>['content'];
  /** What the tool last reported. */
  readonly progress?: StreamEventOf<'tool_progress'>['content'];
  readonly result?: StreamEventOf<'tool_result'>['content'];
}

/** The calls of one agent. */
export class CallList {
  /** What a snapshot holds of them. */
  list: GrowingList<CallSnapshot> = GrowingList.of<CallSnapshot>([]);
  private latest: CallSnapshot[] = [];
  private readonly places = new Map<string, number>();
  private readonly writing = new Set<number>();
  private iteration = -1;
  /** How many there were when the attempt under way began. */
  private before = 0;

  /** Whether the event has changed anything. */
  take(event: StreamEvent): boolean {
    if (event.iteration !== this.iteration) this.before = this.latest.length;
    this.iteration = event.iteration;
    switch (event.type) {
      case 'tool_input_start':
        this.writing.add(this.latest.length);
        return this.add({ ...event.content, iteration: event.iteration, status: 'writing' });
      case 'tool_use_start':
        return this.called(event);
      case 'tool_approval': {
        const { id, input, decision } = event.content;
        return this.change(id, { status: decision === 'requested' ? 'waiting' : 'called', input, approval: event.content });
      }
      case 'tool_progress':
        return this.change(event.content.id, { progress: event.content });
      case 'tool_result':
        return this.change(event.content.id, { status: event.content.isError ? 'failed' : 'done', result: event.content });
      case 'retry':
        return event.content.discard && this.dropAttempt();
      case 'message':
        return event.message.role === 'assistant' && this.cut();
      case 'complete':
      case 'error':
        return this.cut();
      default:
        return false;
    }
  }

  private called({ content, iteration }: StreamEventOf<'tool_use_start'>): boolean {
    const { id } = content;
    const place = this.places.get(id);
    // A service may use an id again: only what is being written is continued.
    if (place === undefined || !this.writing.delete(place)) return this.add({ ...content, iteration, status: 'called' });
    return this.change(id, { ...content, status: 'called' });
  }

  private add(call: CallSnapshot): boolean {
    this.places.set(call.id, this.latest.length);
    return this.put(this.latest.length, call);
  }

  private change(id: string, changes: Partial<CallSnapshot>): boolean {
    const place = this.places.get(id);
    const call = place === undefined ? undefined : this.latest[place];
    return place !== undefined && call !== undefined && this.put(place, { ...call, ...changes });
  }

  private put(place: number, call: CallSnapshot): boolean {
    this.latest[place] = call;
    this.list = this.list.with(place, call);
    return true;
  }

  /** The turn is over: what is still being written will not be. */
  private cut(): boolean {
    const cut = [...this.writing].flatMap((place) => this.latest[place] ?? []);
    this.writing.clear();
    for (const { id } of cut) this.change(id, { status: 'cut' });
    return cut.length > 0;
  }

  private dropAttempt(): boolean {
    if (this.latest.length === this.before) return false;
    for (const { id } of this.latest.slice(this.before)) this.places.delete(id);
    this.writing.clear();
    this.latest = this.latest.slice(0, this.before);
    this.list = GrowingList.of([...this.latest]);
    return true;
  }
}
