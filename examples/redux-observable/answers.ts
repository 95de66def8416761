// Answers in a Redux store. The epic starts a run for each question, and what the run reports becomes actions.
import type { Agent, StreamEvent } from 'coldstream';
import type { Reducer } from 'redux';
import { ofType, type Epic } from 'redux-observable';
import { map, switchMap } from 'rxjs';

export interface Asked {
  readonly type: 'asked';
  readonly question: string;
}
export interface Reported {
  readonly type: 'reported';
  readonly event: StreamEvent;
}
export type Action = Asked | Reported;

/** A new question stops the run before it. A run that fails says so in its last event, so the epic lives on. */
export function answerEpic(ask: Agent): Epic<Action, Reported, AnswerState> {
  return (action$) =>
    action$.pipe(
      ofType<Action, 'asked', Asked>('asked'),
      switchMap(({ question }) => ask(question)),
      map((event) => ({ type: 'reported', event })),
    );
}

export interface AnswerState {
  readonly status: 'idle' | 'answering' | 'answered' | 'failed';
  /** What the model writes in its current turn. */
  readonly text: string;
  readonly problem?: string;
}

function afterEvent(state: AnswerState, event: StreamEvent): AnswerState {
  switch (event.type) {
    case 'run_start':
    case 'iteration_start':
      return { status: 'answering', text: '' };
    case 'retry':
      return event.content.discard ? { ...state, text: '' } : state;
    case 'text_delta':
      return { ...state, text: state.text + event.content };
    case 'complete':
      return { ...state, status: 'answered' };
    case 'error':
      return { ...state, status: 'failed', problem: event.content.error };
    default:
      return state;
  }
}

export const answerReducer: Reducer<AnswerState, Action> = (state = { status: 'idle', text: '' }, action) =>
  action.type === 'reported' ? afterEvent(state, action.event) : state;
