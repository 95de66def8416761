import type { Provider } from 'coldstream';
import { bedrock, type BedrockConfig } from 'coldstream/bedrock';
import type { Service } from '../../client.js';
import { AWS_CREDENTIALS, AWS_REGION, BEDROCK_MODEL, MAX_TOKENS } from '../../tool.js';

/** The Bedrock provider of the bench. */
export function provider({ url }: Service, config: Partial<BedrockConfig> = {}): Provider {
  return bedrock({ model: BEDROCK_MODEL, endpoint: url, region: AWS_REGION, credentials: AWS_CREDENTIALS, maxTokens: MAX_TOKENS, ...config });
}
