import { Observable, type OperatorFunction, type Subscriber } from 'rxjs';
import { inOneMoment } from './clock.js';
import { Relay } from './relay.js';

/** Turns chunks into values; one per subscription, since it holds what is left of the last chunk. */
export interface Decoder<Chunk, Value> {
  /** Emits what the chunk completes. Returns true when the terminal value has been emitted: nothing more is read. */
  push(chunk: Chunk, emit: (value: Value) => void): boolean;
  /** Called when the source ends before the terminal value; throws what that means. */
  end(emit: (value: Value) => void): void;
  /** Says what a failure of the source means at this point of the stream. */
  fail(error: unknown): unknown;
}

function notProjected(): never {
  throw new Error('A chunk is decoded, not handed on.');
}

/** Takes the chunks of one source. */
class DecodingRelay<Chunk, Value> extends Relay<Chunk, Value> {
  private readonly emit: (value: Value) => void;

  constructor(
    to: Subscriber<Value>,
    private readonly decoder: Decoder<Chunk, Value>,
  ) {
    super(to, notProjected);
    this.emit = (value) => to.next(value);
  }

  override next(chunk: Chunk): void {
    if (this.closed || this.ended) return;
    inOneMoment(() => {
      try {
        if (this.decoder.push(chunk, this.emit)) super.complete();
      } catch (error) {
        super.error(error);
      }
    });
  }

  override error(error: unknown): void {
    if (this.closed || this.ended) return;
    super.error(this.decoder.fail(error));
  }

  override complete(): void {
    if (this.closed || this.ended) return;
    try {
      this.decoder.end(this.emit);
    } catch (error) {
      super.error(error);
      return;
    }
    super.complete();
  }
}

/**
 * Decodes a source of chunks. All values of one chunk are emitted synchronously, in one burst, with no promise in
 * between, and at one moment of the clock; values before a fault in a chunk are delivered before the error. Completes at
 * the terminal value even if the source stays open, and so closes it.
 */
export function decode<Chunk, Value>(createDecoder: () => Decoder<Chunk, Value>): OperatorFunction<Chunk, Value> {
  return (source) =>
    new Observable<Value>((subscriber) => {
      const relay = new DecodingRelay(subscriber, createDecoder());
      subscriber.add(relay);
      relay.add(source.subscribe(relay));
    });
}
