import { finalize, Observable, Subject } from 'rxjs';
import { ConnectionError, type ModelRequest } from 'coldstream';
import { scriptedProvider, toolTurn, turn as turnOf, type LawBench, type LawExchange, type LawTurn, type ProviderSubject } from 'coldstream/testing';
import type { StreamEvent } from '../../src/events/events.js';
import { isContentEvent } from '../../src/provider.js';

interface ScriptedLawTurn extends LawTurn {
  readonly events: readonly StreamEvent[];
}

/** Each event is a frame. */
function scripted(name: string, events: readonly StreamEvent[]): ScriptedLawTurn {
  const last = events.at(-1);
  return { name, events, tells: events.map(({ type }) => [type]), sentBack: last?.type === 'message' ? last.message.content : [] };
}

const scriptedTurns: readonly ScriptedLawTurn[] = [
  scripted('text', turnOf({ text: ['Hel', 'lo 😀'] })),
  scripted('a tool call', toolTurn({ id: 'call_1', name: 'clock', input: { place: 'Čáslav' } })),
  scripted('thinking', turnOf({ thinking: ['Let me', ' see'], text: ['Yes.'] })),
];

/** The wire of a script: what is sent is told as it is. It knows no headers, and ends where its turn does. */
function scriptedBench({ events }: ScriptedLawTurn): Observable<LawBench> {
  return new Observable((subscriber) => {
    const exchanges: LawExchange[] = [];
    const answer = ({ messages }: ModelRequest): Observable<StreamEvent> => {
      const wire$ = new Subject<StreamEvent>();
      let closed = false;
      let partial = false;
      exchanges.push({
        body: messages,
        closed: () => closed,
        send: (frames) => {
          for (const frame of frames) {
            const event = events[frame];
            if (event === undefined) continue;
            partial ||= isContentEvent(event);
            wire$.next(event);
          }
          if (frames.includes(events.length - 1)) wire$.complete();
        },
        end: () => wire$.complete(),
        break: (how) => wire$.error(new ConnectionError(how, { partial })),
      });
      return wire$.pipe(finalize(() => (closed = true)));
    };
    // A script has a turn for each request that the laws can make.
    subscriber.next({ provider: scriptedProvider(Array.from({ length: 1_000 }, () => answer)), exchanges: () => exchanges });
  });
}

/** The content of the assistant's message, in a body that is the list of messages. */
export function contentOfSecond(body: unknown): unknown {
  const message: unknown = Array.isArray(body) ? body[1] : undefined;
  return typeof message === 'object' && message !== null && 'content' in message ? message.content : undefined;
}

export const scriptedSubject: ProviderSubject<ScriptedLawTurn> = {
  name: 'scriptedProvider',
  turns: scriptedTurns,
  open: scriptedBench,
  breaks: ['an error in the script'],
  sentBack: contentOfSecond,
  without: {
    'left before the answer': 'a script has no headers',
    'left before the first event': 'a script has no headers',
    'answer announced': 'a script has no headers',
    'ended early': 'a script is told as it is written: one that stops early is written so',
    surplus: 'a script is told as it is written: one that goes on is written so',
    'held open': 'a script is told as it is written: one that stays open is written so',
  },
};
