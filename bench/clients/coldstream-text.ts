import type { Connect } from '../client.js';
import { provider } from './shared/anthropic.js';
import { textClient } from './shared/observed.js';

export const connect: Connect = (service) => textClient(provider(service));
