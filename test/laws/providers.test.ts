import { retrying, timingOut } from 'coldstream';
import { providerLaws } from 'coldstream/testing';
import { anthropicSubject, decoratedAnthropic } from './anthropic-subject.js';
import { honest, memorySubject } from './memory-subject.js';
import { scriptedSubject } from './scripted-subject.js';

providerLaws(anthropicSubject);
providerLaws(scriptedSubject);
providerLaws(memorySubject());

const again = 'an attempt that failed before its first event is made again';

providerLaws({ ...memorySubject((connect, turn) => timingOut()(honest(connect, turn))), name: 'timingOut() over a provider in memory' });
providerLaws({
  ...anthropicSubject,
  name: 'retrying() and timingOut() over anthropic',
  open: decoratedAnthropic((provider) => retrying()(timingOut()(provider))),
  without: { 'ended early': again, 'broken before the answer': again, broken: again },
});
