import type { Connect } from '../client.js';
import { client, overHttp2 } from './shared/bedrock-limit.js';

export const connect: Connect = ({ url }) => client(overHttp2(url));
