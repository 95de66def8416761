import { agentLawList, type AgentLaw, type MakeAgent } from './agent-laws/laws.js';
import { scenarios } from './agent-laws/scenarios.js';
import { globalRunner, heldLaws, holdingLaw, type LawRunner } from './law-runner.js';
import { describeFailureOver } from './provider-laws/judge.js';

/** An agent, or whatever makes runs as one does, handed over to the laws. */
export interface AgentSubject {
  readonly name: string;
  /** Makes the agent of these parts, afresh each time: `(parts) => agent({ ...parts, instructions: 'Be brief.' })`. */
  readonly make: MakeAgent;
  /** Laws that cannot be held over this agent, with the reason; the title of the suite names them. */
  readonly without?: Readonly<Partial<Record<AgentLaw, string>>>;
}

/**
 * Tests that an agent keeps the laws of agents: one test a law, for any runner. The suite brings the provider, the tools and
 * the history, and has the provider answer, call tools that work, fail or do not exist, refuse, break off and throw.
 *
 * | law | says |
 * |---|---|
 * | `cold` | nothing is asked before somebody subscribes, and each subscription asks anew |
 * | `one end` | a run ends by exactly one `complete` or `error`, last, and never on the error channel |
 * | `balanced` | every call has one result and then one end, whatever fails |
 * | `numbered` | `run_start` is first, and events are numbered from 0 and of one run |
 * | `plain` | every event is plain JSON that the codec knows, and nobody changes it afterwards |
 * | `again` | subscribed again, a run tells the same, and leaves nothing open |
 * | `left` | unsubscribed at any event, it closes its request and its tools, and tells no more |
 * | `aborted` | a signal that fires ends it with an `error` event, its calls answered |
 * | `kept` | wherever it is left, what it kept is accepted by the next call, and is what `complete` tells of |
 * | `virtual` | in virtual time it takes the time of its parts, and no other |
 *
 * @example
 * ```ts
 * import { describe, it } from 'node:test';
 * import { agent, retrying } from 'coldstream';
 * import { agentLaws } from 'coldstream/testing';
 *
 * agentLaws(
 *   {
 *     name: 'our agent',
 *     make: ({ provider, ...rest }) => agent({ provider: retrying({ attempts: 2 })(provider), ...rest, maxIterations: 5 }),
 *   },
 *   { describe, it },
 * );
 * ```
 * @param subject the agent
 * @param runner where tests are announced; default: the global `describe` and `it`
 */
export function agentLaws(subject: AgentSubject, runner: LawRunner = globalRunner('agentLaws')): void {
  const { name: title, make, without = {} } = subject;
  const { held, lacking } = heldLaws(agentLawList, without);
  runner.describe(`${title} keeps the laws of agents${lacking}`, () => {
    for (const { name, says, hold } of held) {
      runner.it(`${name}: ${says}`, () =>
        holdingLaw(name, () => {
          for (const [scenario, replies] of Object.entries(scenarios)) describeFailureOver(scenario, () => hold(make, replies));
        }),
      );
    }
  });
}
