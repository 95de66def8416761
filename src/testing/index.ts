export { agentLaws, type AgentSubject } from './agent-laws.js';
export type { AgentLaw, MakeAgent } from './agent-laws/laws.js';
export type { AgentParts } from './agent-laws/scenarios.js';
export { firstDifference, type CompareOptions } from './compare.js';
export { assistant, event, tokens, user, type EnvelopeOverrides } from './event.js';
export { marbles, type Marbles, type ObservableExpectation, type RunExpectation, type SubscriptionExpectation, type TestSource } from './marbles.js';
export type { MarbleTurnEnd } from './marble-turn.js';
export { matchers, type AgentMatchers } from './matchers.js';
export type { ExpectedEvent } from './matchers/emit-events.js';
export type { MatcherResult } from './matchers/received.js';
export type { LawRunner } from './law-runner.js';
export { operatorLaws, type OperatorSubject } from './operator-laws.js';
export type { Applied, OperatorLaw } from './operator-laws/laws.js';
export { sampleRuns } from './operator-laws/sample-runs.js';
export { providerLaws } from './provider-laws.js';
export type { LawBench, LawExchange, LawTurn, ProviderLaw, ProviderSubject } from './provider-laws/subject.js';
export { burst, type Burst, type Rows, type SubscriptionFrames, type Values } from './notation.js';
export { recordingProvider, type RecordingOptions } from './recording/recording-provider.js';
export { replayProvider, type ReplayOptions } from './recording/replay-provider.js';
export type { RunLanes } from './run-expectation.js';
export {
  asking,
  scriptedProvider,
  type ScriptedProvider,
  type ScriptedProviderOptions,
  type ScriptedReply,
  type ScriptedTurn,
} from './scripted-provider.js';
export { scriptedTool, type ScriptedCall, type ScriptedTool, type ScriptedToolOptions, type ToolScript } from './scripted-tool.js';
export { toolLaws } from './tool-laws.js';
export type { ToolBench, ToolLaw, ToolSubject, ToolWork } from './tool-laws/subject.js';
export { textTurn, toolTurn, turn, type ScriptedToolUse, type TurnEnd, type TurnParts, type TurnPiece } from './turns.js';
export { watched, type Counted, type Watched, type Witness } from './watched.js';
