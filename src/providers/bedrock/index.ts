export type { BedrockClient, BedrockConfig, BedrockCredentials } from './config.js';
