import { createAnthropic } from '@ai-sdk/anthropic';
import type { Connect } from '../../client.js';
import { API_KEY, MODEL } from '../../tool.js';
import { vercel } from './shared/vercel.js';

/** Vercel AI SDK over Node's `fetch`. */
export const connect: Connect = ({ url }) => vercel(createAnthropic({ baseURL: `${url}/v1`, apiKey: API_KEY })(MODEL));
