import { toBedrock } from 'coldstream/bedrock';
import type { StreamEvent } from '../../../src/events/events.js';
import type { ContentBlock } from '../../../src/messages/message.js';
import { isObject, listOf, type JsonRecord } from '../json.js';
import type { Turn } from '../wire.js';

/** A block that only the service knows, under its member of the wire. */
function providerPart(block: ContentBlock, member: string): JsonRecord | undefined {
  const part = block.type === 'provider' ? block.block[member] : undefined;
  return isObject(part) ? part : undefined;
}

function typeOf(block: ContentBlock): string {
  switch (block.type) {
    case 'thinking':
    case 'redacted_thinking':
      return 'reasoning';
    case 'tool_use':
      return 'toolUse';
    case 'tool_result':
      return 'toolResult';
    case 'provider':
      if (providerPart(block, 'toolUse') !== undefined) return 'serverToolUse';
      return ['toolResult', 'image'].find((member) => providerPart(block, member) !== undefined) ?? 'unknown';
    default:
      return block.type;
  }
}

/** The JSON of each call, as its pieces brought it. */
function inputsOf(events: readonly StreamEvent[]): ReadonlyMap<string, string> {
  const inputs = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'tool_input_delta') inputs.set(event.content.id, (inputs.get(event.content.id) ?? '') + event.content.delta);
  }
  return inputs;
}

/** What `expected.json` says of a turn, from the turn that came. */
export function summaryOfTurn({ message, stopReason, usage, metadata }: Turn, events: readonly StreamEvent[]): JsonRecord {
  const { role, content } = message;
  const inputs = inputsOf(events);
  const metrics = metadata['metrics'];
  // As the service would get them back.
  const written: readonly JsonRecord[] = toBedrock(message).content.filter(isObject);
  const parts = (member: string): JsonRecord[] => content.map((block) => providerPart(block, member)).filter((part) => part !== undefined);
  return {
    role,
    stop_reason: stopReason,
    usage: usage?.raw ?? null,
    latencyMs: isObject(metrics) ? metrics['latencyMs'] : null,
    additional: metadata['additionalModelResponseFields'] ?? null,
    trace: metadata['trace'] ?? null,
    text: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    thinking: content.flatMap((block) => (block.type === 'thinking' ? [block.thinking] : [])).join(''),
    signatures: content.flatMap((block) => (block.type === 'thinking' && block.signature ? [block.signature] : [])),
    redacted: content.flatMap((block) => (block.type === 'redacted_thinking' ? [block.data] : [])),
    tool_calls: content.flatMap((block) => (block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input, json: inputs.get(block.id) ?? '' }] : [])),
    server_tool_calls: parts('toolUse').map((call) => ({ id: call['toolUseId'], name: call['name'], input: call['input'] })),
    tool_results: written.flatMap(({ toolResult }) => (isObject(toolResult) ? [toolResult] : [])).map((result) => ({ id: result['toolUseId'], status: result['status'], type: result['type'], parts: listOf(result['content']) })),
    citations: content.flatMap((block) => (block.type === 'text' ? listOf(block.citations) : [])),
    block_types: content.map(typeOf),
  };
}
