import { lookup } from '../../../tool.js';

/** The tool's input in the words of JSON Schema, not frozen: the peers' types want to be able to change it. */
export const inputSchema = () => ({
  type: lookup.inputSchema.type,
  properties: { text: { ...lookup.inputSchema.properties.text } },
  required: [...lookup.inputSchema.required],
});

/** The tool's argument, of an input that the peer leaves untyped. */
export function textOf(input: unknown): string {
  if (typeof input === 'object' && input !== null && 'text' in input && typeof input.text === 'string') return input.text;
  throw new Error(`No input of the tool: ${JSON.stringify(input)}`);
}
