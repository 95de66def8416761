import type { Connect } from '../client.js';
import { leanProvider } from './shared/lean.js';
import { textClient } from './shared/observed.js';

export const connect: Connect = (service) => textClient(leanProvider(service));
