import type { Connect } from '../client.js';
import { client, overHttp1 } from './shared/bedrock-limit.js';

export const connect: Connect = ({ url }) => client(overHttp1(url));
