import type { ObservableNotification } from 'rxjs';
import type { StreamEvent } from '../../src/events/events.js';

type Notification = ObservableNotification<StreamEvent>;

/** The longest that a timer can be set for; a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** Events that wait for their time, in their order; the end waits with the last of them. */
export class PacedQueue {
  private waiting: { readonly due: number; readonly notification: Notification }[] = [];
  private head = 0;
  private first: { readonly timestamp: number; readonly at: number } | undefined = undefined;
  private latest = 0;

  constructor(private readonly speed: number) {}

  /** @param now when it is read: the first event is due then */
  push(notification: Notification, now: number): void {
    if (notification.kind === 'N') {
      const { timestamp } = notification.value;
      this.first ??= { timestamp, at: now };
      // In whole milliseconds, as timers are; and none before the one in front of it, whatever the clocks said.
      const due = this.first.at + Math.round((timestamp - this.first.timestamp) / this.speed);
      this.latest = Math.max(this.latest, due);
    }
    this.waiting.push({ due: this.latest, notification });
  }

  get isEmpty(): boolean {
    return this.head === this.waiting.length;
  }

  /** How long until the next is due. */
  wait(now: number): number {
    const due = this.waiting[this.head]?.due ?? now;
    return Math.min(Math.max(0, due - now), longestTimer);
  }

  /** Takes out the next, and with it all that are due. */
  take(now: number): readonly Notification[] {
    const begin = this.head;
    this.head += 1;
    for (let next = this.waiting[this.head]; next !== undefined && next.due <= now; next = this.waiting[this.head]) this.head += 1;
    const taken = this.waiting.slice(begin, this.head).map(({ notification }) => notification);
    if (this.isEmpty) {
      this.waiting = [];
      this.head = 0;
    }
    return taken;
  }
}
