import type { Connect } from '../client.js';
import { client } from './shared/bedrock-aws-sdk.js';

export const connect: Connect = (service) => client(service, 'http1');
