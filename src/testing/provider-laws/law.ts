import type { ProviderLaw } from './subject.js';
import type { Need, Trial } from './trial.js';

/** One law: what it says, and how it is held over one turn. */
export interface Law {
  readonly name: ProviderLaw;
  /** Completes the title of its test. */
  readonly says: string;
  /** Held over the first turn only: what the turn tells makes no difference. */
  readonly once?: true;
  readonly needs?: readonly Need[];
  readonly hold: (trial: Trial) => Promise<void>;
}
