import { EMPTY, type Observable } from 'rxjs';
import { agent, memoryHistory, type Agent, type History, type Message } from 'coldstream';
import { conversation } from 'coldstream/operators';
import type { StreamEvent } from '../../src/events/events.js';
import type { Equal } from './equal.js';

const ask: Agent = agent({ provider: () => EMPTY });
const history: History = memoryHistory();

const texts$: Observable<string> = EMPTY;
export const events$ = texts$.pipe(conversation(ask, { policy: 'switch' }));
export const givesEvents: Equal<typeof events$, Observable<StreamEvent>> = true;

const messages$: Observable<Message | readonly Message[]> = EMPTY;
export const fromMessages$ = messages$.pipe(conversation(ask, { policy: 'collect', history }));
export const takesAnyInput: Equal<typeof fromMessages$, Observable<StreamEvent>> = true;

export const takesAFunctionAroundAnAgent = conversation((input, params) => ask(input, { ...params, threadId: 'thread_1' }), { policy: 'queue' });

const numbers$: Observable<number> = EMPTY;
// @ts-expect-error only messages can be answered
export const refusesWhatIsNoMessage = numbers$.pipe(conversation(ask, { policy: 'drop' }));
// @ts-expect-error there is no such policy
export const refusesUnknownPolicies = conversation(ask, { policy: 'interrupt' });
// @ts-expect-error what happens to interruptions is for the application to say
export const refusesNoPolicy = conversation(ask, {});
