export { pipeToResponse, type PipeToResponseOptions, type ResponseLike } from './pipe-to-response.js';
export { toSse, type SseOptions } from './to-sse.js';
