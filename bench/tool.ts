/** The one tool of the bench, in the words of JSON Schema; `loop` answers each call with `lookUp(text)`. */
export const lookup = {
  name: 'lookup',
  description: 'Looks a text up.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
} as const;

/** What the tool answers. */
export function lookUp(text: string): string {
  return `Found ${String(text.length)} characters.`;
}

/** The models' names, the most tokens of an answer, and keys that open nothing. */
export const MODEL = 'claude-sonnet-5';
export const BEDROCK_MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
export const MAX_TOKENS = 64_000;
export const API_KEY = 'bench';
export const AWS_CREDENTIALS = { accessKeyId: 'bench', secretAccessKey: 'bench' } as const;
export const AWS_REGION = 'us-east-1';
