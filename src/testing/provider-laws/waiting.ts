import { filter, firstValueFrom, map, throwError, timeout, timer } from 'rxjs';
import { LawFailure } from './judge.js';

const EMPTY = { defaultValue: undefined };

/** Waits until something is so; says what is owed when it has not come about in time. */
export async function eventually(isSo: () => boolean, owed: () => string, patience: number): Promise<void> {
  if (isSo()) return;
  const late = (): Error => new LawFailure(`${owed()} (waited ${patience} ms).`);
  await firstValueFrom(timer(0, 1).pipe(filter(isSo), timeout({ first: patience, with: () => throwError(late) })), EMPTY);
}

/** One turn of the event loop. */
export function tick(): Promise<void> {
  return firstValueFrom(timer(0).pipe(map(() => undefined)), EMPTY);
}
