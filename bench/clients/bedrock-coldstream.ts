import type { Connect } from '../client.js';
import { provider } from './shared/bedrock-provider.js';
import { agentClient } from './shared/observed.js';

export const connect: Connect = (service) => agentClient(provider(service));
