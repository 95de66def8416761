import type { JsonObject } from '../../events/json.js';
import type { ToolAnnotations } from '../types.js';

/** A tool as its server describes it. */
export interface ListedTool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema?: JsonObject;
  readonly annotations?: ToolAnnotations;
  /** Of all of the above, as the server gave it. */
  readonly hash: string;
}
