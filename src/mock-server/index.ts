export { mockModelServer, type MockModelServer, type MockModelServerOptions } from './server.js';
export { defaultScript, type Script } from './script.js';
export type { MockMessage, MockRequest, MockTool } from './request.js';
export type { Answer, Failure, Turn, TurnBlock } from './turn.js';
