// What a component that shows an answer while it is written holds. Angular ends what `toSignal` subscribes together with
// the component, and that stops the run.
import { computed, inject, InjectionToken } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import type { Agent } from 'coldstream';
import { textOnly } from 'coldstream/operators';
import { catchError, of, scan, startWith, Subject, switchMap, type Observable } from 'rxjs';

export const ASK = new InjectionToken<Agent>('ask');

export class AnswerBox {
  readonly #ask = inject(ASK);
  readonly #questions = new Subject<string>();

  /** The answer so far. */
  readonly text = toSignal(this.#questions.pipe(switchMap((question) => this.#answer(question))), { initialValue: '' });
  readonly words = computed(() => this.text().split(' ').filter(Boolean).length);

  question(text: string): void {
    this.#questions.next(text);
  }

  /** A failure is caught inside the run's own stream: outside, it would end the signal and every later answer with it. */
  #answer(question: string): Observable<string> {
    return this.#ask(question).pipe(
      textOnly(),
      scan((shown, piece) => shown + piece, ''),
      startWith(''),
      catchError(() => of('Something went wrong. Please ask again.')),
    );
  }
}
