import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import type { Connect } from '../../client.js';
import { AWS_CREDENTIALS, AWS_REGION, BEDROCK_MODEL } from '../../tool.js';
import { vercel } from './shared/vercel.js';

/** Vercel AI SDK over Node's `fetch`: HTTP/1.1. */
export const connect: Connect = ({ url }) => vercel(createAmazonBedrock({ baseURL: url, region: AWS_REGION, ...AWS_CREDENTIALS })(BEDROCK_MODEL));
