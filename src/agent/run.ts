import type { Provider } from '../provider.js';
import type { BudgetMeter } from './budget.js';
import type { HeldHistory } from './history.js';
import type { Ledger } from './ledger.js';
import type { RunParams, RunSettings } from './options.js';
import type { Repeats } from './repeats.js';
import type { LatestTools } from './tool-sources.js';

/** All that one run is made of. */
export interface Run {
  readonly settings: RunSettings;
  readonly params: RunParams;
  readonly provider: Provider;
  readonly ledger: Ledger;
  readonly history: HeldHistory;
  /** None where nothing is limited. */
  readonly budget?: BudgetMeter;
  readonly repeats?: Repeats;
}

/** A run whose tools are there. */
export interface ToolRun extends Run {
  readonly latestTools: LatestTools;
}
