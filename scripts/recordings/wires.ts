import { anthropicWire } from './anthropic/wire.js';
import { bedrockWire } from './bedrock/wire.js';
import type { Wire } from './wire.js';

/** Every wire that can be played. */
export const WIRES: readonly Wire[] = [anthropicWire, bedrockWire];
