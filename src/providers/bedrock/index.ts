export { bedrock } from './bedrock.js';
export type { BedrockClient, BedrockConfig, BedrockCredentials } from './config.js';
export { fromBedrock, type BedrockMessageLike } from './from-bedrock.js';
export { toBedrock, type BedrockMessage } from './to-bedrock.js';
