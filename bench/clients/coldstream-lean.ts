import type { Connect } from '../client.js';
import { leanProvider } from './shared/lean.js';
import { agentClient } from './shared/observed.js';

export const connect: Connect = (service) => agentClient(leanProvider(service));
