import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { ChatBedrockConverse } from '@langchain/aws';
import type { Connect } from '../../client.js';
import { AWS_CREDENTIALS, AWS_REGION, BEDROCK_MODEL, MAX_TOKENS } from '../../tool.js';
import { langchain } from './shared/langchain.js';

const aws = { region: AWS_REGION, credentials: AWS_CREDENTIALS } as const;

/** LangChain over the AWS SDK, which speaks HTTP/2 to Bedrock by itself. The address of its `clientOptions` is not heeded. */
export const connect: Connect = ({ url }) =>
  langchain(
    new ChatBedrockConverse({
      ...aws,
      client: new BedrockRuntimeClient({ ...aws, endpoint: url, maxAttempts: 1 }),
      model: BEDROCK_MODEL,
      maxTokens: MAX_TOKENS,
      maxRetries: 0,
    }),
  );
