import { BedrockModel } from '@strands-agents/sdk/models/bedrock';
import type { Connect } from '../../client.js';
import { AWS_CREDENTIALS, AWS_REGION, BEDROCK_MODEL, MAX_TOKENS } from '../../tool.js';
import { strands } from './shared/strands.js';

/** Strands over the AWS SDK, which speaks HTTP/2 to Bedrock by itself. */
export const connect: Connect = ({ url }) => {
  const model = new BedrockModel({
    modelId: BEDROCK_MODEL,
    maxTokens: MAX_TOKENS,
    region: AWS_REGION,
    clientConfig: { endpoint: url, credentials: AWS_CREDENTIALS, maxAttempts: 1 },
  });
  return strands(() => model);
};
