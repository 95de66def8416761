import { concat, defer, EMPTY, finalize, ignoreElements, interval, map, takeUntil, takeWhile, timer, type Observable } from 'rxjs';

/** How long a server may take to leave by itself once its input has ended. */
const politePause = 100;
/** How long it may take after `SIGTERM`. */
const terminationPause = 1000;
const pollPause = 10;

/** Windows has no process groups: there only the process itself is ended. */
export const hasGroups = process.platform !== 'win32';

type Signal = 'SIGTERM' | 'SIGKILL' | 0;

const live = new Set<number>();
const fatalSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Sends the signal to the group; false if nobody is left in it. */
function send(pid: number, signal: Signal): boolean {
  try {
    process.kill(hasGroups ? -pid : pid, signal);
    return true;
  } catch {
    return false;
  }
}

function killAll(): void {
  for (const pid of live) send(pid, 'SIGKILL');
}

/** A process that dies of a signal runs no exit listeners: kill the groups, then die of the same signal. */
function killAllAndDie(signal: NodeJS.Signals): void {
  // Someone else listens, and decides whether the process ends.
  if (process.listenerCount(signal) > 1) return;
  killAll();
  unhook();
  process.kill(process.pid, signal);
}

function hook(): void {
  process.on('exit', killAll);
  for (const signal of fatalSignals) process.on(signal, killAllAndDie);
}

function unhook(): void {
  process.off('exit', killAll);
  for (const signal of fatalSignals) process.off(signal, killAllAndDie);
}

/** From now on the group led by the process is killed when this process ends. */
export function adoptGroup(pid: number): void {
  if (live.size === 0) hook();
  live.add(pid);
}

function disownGroup(pid: number): void {
  if (live.delete(pid) && live.size === 0) unhook();
}

/** Completes when the group is empty, or the time is over. */
function gone(pid: number, limit: number): Observable<never> {
  return defer(() =>
    send(pid, 0)
      ? interval(pollPause).pipe(
          map(() => send(pid, 0)),
          takeWhile((isAlive) => isAlive),
          ignoreElements(),
          takeUntil(timer(limit)),
        )
      : EMPTY,
  );
}

function signalGroup(pid: number, signal: Signal): Observable<never> {
  return defer(() => {
    send(pid, signal);
    return EMPTY;
  });
}

/**
 * Ends a process group whose leader's input has been ended: a moment to leave by itself, then `SIGTERM`, then
 * `SIGKILL`. Completes when the group is empty, at the latest after little more than a second.
 */
export function endGroup(pid: number): Observable<never> {
  return concat(
    gone(pid, politePause),
    signalGroup(pid, 'SIGTERM'),
    gone(pid, terminationPause),
    signalGroup(pid, 'SIGKILL'),
    gone(pid, politePause),
  ).pipe(finalize(() => disownGroup(pid)));
}
