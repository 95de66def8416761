import { NEVER } from 'rxjs';
import { fallingBackTo, limiting, retrying, type Provider } from 'coldstream';
import { providerLaws } from 'coldstream/testing';
import { anthropicSubject, decoratedAnthropic } from '../laws/anthropic-subject.js';
import { honest, memorySubject } from '../laws/memory-subject.js';

/** The laws of a provider in memory, seen through a decorator. */
const through = (name: string, decorate: (provider: Provider) => Provider): void =>
  providerLaws({ ...memorySubject((connect, turn) => decorate(honest(connect, turn))), name: `${name} over a provider in memory` });

through('limiting({ concurrency: 2 })', limiting({ concurrency: 2 }));
through('fallingBackTo() that keeps the first', fallingBackTo(() => NEVER, { on: () => false }));
through('retrying({ attempts: 1 })', retrying({ attempts: 1, when: 'always' }));

providerLaws({
  ...anthropicSubject,
  name: 'limiting() over anthropic',
  open: decoratedAnthropic(limiting({ concurrency: 8, requestsPerMinute: 100_000, tokensPerMinute: 100_000_000 })),
});
