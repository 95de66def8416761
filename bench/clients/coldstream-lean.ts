import type { Connect } from '../client.js';
import { leanProvider } from './shared/anthropic.js';
import { agentClient } from './shared/observed.js';

export const connect: Connect = (service) => agentClient(leanProvider(service));
