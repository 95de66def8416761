// Answers in an NgRx store. The effect starts a run for each question, and the reducer folds what the run reports.
import { inject, InjectionToken } from '@angular/core';
import { Actions, createEffect, ofType } from '@ngrx/effects';
import { createAction, createReducer, on, props } from '@ngrx/store';
import type { Agent, StreamEvent } from 'coldstream';
import { map, switchMap } from 'rxjs';

export const ASK = new InjectionToken<Agent>('ask');

export const asked = createAction('[Page] Asked', props<{ question: string }>());
export const reported = createAction('[Agent] Reported', props<{ event: StreamEvent }>());

/** A new question stops the run before it. A run that fails says so in its last event, so the effect lives on. */
export const answer = createEffect(
  (actions$ = inject(Actions), ask = inject(ASK)) =>
    actions$.pipe(
      ofType(asked),
      switchMap(({ question }) => ask(question)),
      map((event) => reported({ event })),
    ),
  { functional: true },
);

export interface AnswerState {
  readonly status: 'idle' | 'answering' | 'answered' | 'failed';
  /** What the model writes in its current turn. */
  readonly text: string;
  /** The tools that are at work, by the ids of their calls. */
  readonly working: Readonly<Record<string, string>>;
  readonly outputTokens: number;
}

const initial: AnswerState = { status: 'idle', text: '', working: {}, outputTokens: 0 };

function afterEvent(state: AnswerState, event: StreamEvent): AnswerState {
  switch (event.type) {
    case 'run_start':
      return { ...initial, status: 'answering' };
    case 'iteration_start':
      return { ...state, text: '' };
    case 'text_delta':
      return { ...state, text: state.text + event.content };
    case 'retry':
      return event.content.discard ? { ...state, text: '' } : state;
    case 'tool_use_start':
      return { ...state, working: { ...state.working, [event.content.id]: event.content.name } };
    case 'tool_use_end': {
      const { [event.content.id]: _ended, ...working } = state.working;
      return { ...state, working };
    }
    case 'complete':
      return { ...state, status: 'answered', outputTokens: event.usage?.outputTokens ?? 0 };
    case 'error':
      return { ...state, status: 'failed', outputTokens: event.usage?.outputTokens ?? 0 };
    default:
      return state;
  }
}

export const answerReducer = createReducer(
  initial,
  on(reported, (state, { event }) => afterEvent(state, event)),
);
