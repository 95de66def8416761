import type { Connect } from '../client.js';
import { provider } from './shared/anthropic.js';
import { agentClient } from './shared/observed.js';

export const connect: Connect = (service) => agentClient(provider(service));
