import type { Connect } from '../client.js';
import { provider } from './shared/anthropic.js';
import { providerClient } from './shared/observed.js';

export const connect: Connect = (service) => providerClient(provider(service));
