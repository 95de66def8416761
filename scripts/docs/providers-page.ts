import type { EventBody } from '../../src/events/events.js';
import type { Json, JsonObject } from '../../src/events/json.js';
import { isObject, textOf } from '../../src/events/json-object.js';
import type { Message } from '../../src/messages/message.js';
import { outgoing } from '../../src/messages/outgoing.js';
import type { Usage } from '../../src/messages/usage.js';
import { buildRequest as anthropicRequest } from '../../src/providers/anthropic/build-request.js';
import { serviceForm as anthropicForm } from '../../src/providers/anthropic/content-to-wire.js';
import { serviceFailure } from '../../src/providers/anthropic/errors.js';
import { reduce as anthropicReduce, WAITING as ANTHROPIC } from '../../src/providers/anthropic/reducer.js';
import { usageFromWire as anthropicUsageOf } from '../../src/providers/anthropic/wire-usage.js';
import { buildRequest as bedrockRequest } from '../../src/providers/bedrock/build-request.js';
import { serviceForm as bedrockForm } from '../../src/providers/bedrock/content-to-wire.js';
import { bedrockFailure } from '../../src/providers/bedrock/errors.js';
import { reduce as bedrockReduce, WAITING as BEDROCK } from '../../src/providers/bedrock/reducer.js';
import { usageFromWire as bedrockUsageOf } from '../../src/providers/bedrock/wire-usage.js';
import type { ModelRequest } from '../../src/provider.js';
import { anthropicUsage, bedrockUsage, blocks, events, requests, statuses } from './providers-samples.js';

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
const json = (value: Json): string => code(JSON.stringify(value));

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** The members that the second has and the first has not, or has otherwise; of an object that both have, the same. */
function added(before: JsonObject, after: JsonObject): JsonObject {
  const differing = Object.entries(after).filter(([name, value]) => JSON.stringify(before[name]) !== JSON.stringify(value));
  return Object.fromEntries(
    differing.map(([name, value]) => {
      const known = before[name];
      return [name, isObject(known) && isObject(value) ? added(known, value) : value];
    }),
  );
}

function written(value: JsonObject): string {
  return Object.keys(value).length === 0 ? 'nothing' : json(value);
}

const asked: ModelRequest = { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] };
const body = {
  anthropic: (request: Partial<ModelRequest>): JsonObject => anthropicRequest({ model: 'any' }, { ...asked, ...request }).body,
  bedrock: (request: Partial<ModelRequest>): JsonObject => bedrockRequest({ model: 'any' }, { ...asked, ...request }).body,
};

function requestRows(): string[][] {
  return requests.map(([what, request]) => {
    // What the tools alone bring has a row of its own.
    const before = request.toolChoice === undefined || request.tools === undefined ? {} : { tools: request.tools };
    return [what, ...(['anthropic', 'bedrock'] as const).map((service) => written(added(body[service](before), body[service](request))))];
  });
}

function sent(message: Message, service: 'anthropic' | 'bedrock', origin: string): string {
  const { turns } = outgoing([{ ...message, origin }], service === 'anthropic' ? anthropicForm : bedrockForm());
  const block = turns[0]?.content[0];
  return block === undefined ? 'left out' : json(block);
}

function blockRows(): string[][] {
  return blocks.map(([what, message]) => {
    const cells = (['anthropic', 'bedrock'] as const).map((service) => {
      const [own, theirs] = [sent(message, service, service), sent(message, service, 'another')];
      return own === theirs ? own : `${own}; of another service: ${theirs}`;
    });
    return [what, ...cells];
  });
}

function lastOf(told: readonly EventBody[], event: string, wire: string): string {
  if (told.at(-1)?.type !== event) throw new Error(`${wire}: the sample for ${event} tells ${told.at(-1)?.type ?? 'nothing'}`);
  return event;
}

/** The last of the frames; an end alone does not say of what. */
function shown(frames: readonly JsonObject[], isEnd: (frame: JsonObject) => boolean): string {
  const last = frames.slice(-1);
  return (last.some(isEnd) ? frames : last).map(json).join(' … ');
}

function eventRows(): string[][] {
  return events.map(({ event, anthropic, bedrock }) => {
    let state = anthropicReduce(ANTHROPIC, { type: 'message_start', body: { message: {} }, position: 0 })[0];
    let told: readonly EventBody[] = [];
    for (const frame of anthropic) [state, told] = anthropicReduce(state, { type: textOf(frame, 'type') ?? '', body: frame, position: 1 });
    lastOf(told, event, 'anthropic');
    let turn = bedrockReduce(BEDROCK, { type: 'messageStart', body: {}, position: 0 })[0];
    for (const [type, frame] of bedrock) [turn, told] = bedrockReduce(turn, { type, body: frame, position: 1 });
    lastOf(told, event, 'bedrock');
    return [code(event), shown(anthropic, (frame) => frame['type'] === 'content_block_stop'), shown(bedrock.map(([type, value]) => ({ [type]: value })), (frame) => 'contentBlockStop' in frame)];
  });
}

function usageRows(): string[][] {
  const ours: (keyof Usage)[] = ['inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'reasoningTokens'];
  // The samples count 1, 2, 3 …, so that the value tells where it came from.
  const named = (raw: JsonObject, count: unknown): string => {
    const found = Object.entries(raw).find(([, value]) => JSON.stringify(value)?.includes(String(count)));
    return found === undefined || count === undefined ? 'none' : code(typeof found[1] === 'object' ? `${found[0]}.${Object.keys(found[1] ?? {}).join()}` : found[0]);
  };
  const [first, second] = [anthropicUsageOf(anthropicUsage), bedrockUsageOf(bedrockUsage)];
  return ours.map((name) => [code(name), named(anthropicUsage, first[name]), named(bedrockUsage, second[name])]);
}

function errorRows(): string[][] {
  return statuses.map((status) => {
    const cells = [serviceFailure({ message: 'x', status }), bedrockFailure({ message: 'x', status }, (text) => text)].map(({ _tag, retryable }) => `${code(_tag)}${retryable ? ', retryable' : ''}`);
    return [String(status), ...cells];
  });
}

const services = ['Anthropic', 'Amazon Bedrock'];

/** The page that says what each provider supports and how it maps, made by the code itself. */
export function providersPage(): string {
  return `# Providers

What each provider supports, and how its wire and our words correspond. The tables are made by the code that does it (\`node --import tsx scripts/docs.ts\`), so they cannot say anything else than what happens.

| | ${services.join(' | ')} |
| --- | --- | --- |
| import | \`anthropic\` of \`coldstream/anthropic\` | \`bedrock\` of \`coldstream/bedrock\` |
| service | Messages API, \`POST /v1/messages\` | Converse API, \`POST /model/…/converse-stream\` |
| optional peer | \`@anthropic-ai/sdk\` | \`@aws-sdk/client-bedrock-runtime\`; \`@smithy/node-http-handler\` for \`handler: 'http1'\` |
| wire | Server-Sent Events over HTTP/1.1 | \`application/vnd.amazon.eventstream\` over HTTP/2, or HTTP/1.1 |
| credentials | \`apiKey\`, \`ANTHROPIC_API_KEY\`, or what the SDK finds | \`credentials\`, \`AWS_ACCESS_KEY_ID\` and \`AWS_SECRET_ACCESS_KEY\`, \`AWS_PROFILE\`, \`AWS_BEARER_TOKEN_BEDROCK\`, or what the SDK finds |
| address | \`baseURL\`, \`ANTHROPIC_BASE_URL\` | \`region\`, \`AWS_REGION\`; \`endpoint\` |
| the SDK does | the request and its headers | the request's signature, and the names of errors |
| the SDK does not | retry, set time limits, follow redirects, read the stream | the same |
| a turn is over at | \`message_stop\` | \`metadata\` after \`messageStop\`; where it does not come, 5 seconds later or at the stream's end, with \`usage: null\` and \`metadata.incomplete\`; an exception or a broken frame in between is an error |
| checked on the wire | the order of events, the size of one (16 Mi characters) | both checksums of each frame, its size (16 MiB), the order of events |
| prompt caching | \`cache: 'auto'\` or \`{ ttl }\` | the same, for models that take cache points |
| thinking | \`thinking\` | \`thinking\`, sent in \`additionalModelRequestFields\` |
| tools of the service's own | \`serverTools\`; told by \`server_tool_use\` and \`server_tool_result\`, never run here | the same: \`serverTools: [{ systemTool: { name: 'nova_grounding' } }]\` |
| a field that has no name here | \`extra\`, over everything else | \`extra\`; an object in it adds to the object that is there |
| in \`metadata\` of \`message\` | \`stop_sequence\`, \`stop_details\`, \`container\`, \`context_management\` … | \`metrics\`, \`trace\`, \`additionalModelResponseFields\`, \`performanceConfig\`, \`serviceTier\` … |
| output that the service itself calls malformed | | \`ModelError\`: the stop reasons \`malformed_model_output\` and \`malformed_tool_use\` |

A conversation may go from one service to the other at any message: \`fallingBackTo\` does so. What only its own service understands (signatures, redacted thinking, citations, blocks and members that are not modelled here) is left out for the other, and \`metadata.omitted\` of the turn's \`message\` says which blocks those were. Tool names and call ids that a service refuses are given a form that it takes, and come back as they were.

## What a request becomes

What each member of a \`ModelRequest\` adds to the body.

${table(['asked', ...services], requestRows())}

## What a block becomes

${table(['block', ...services], blockRows())}

Bytes are base64 on both wires; \`toBedrock\` and \`fromBedrock\` have them as \`Uint8Array\`, as the SDK does. The AWS SDK's type is a mutable array of its own union, so a result is handed to it with a cast: \`toBedrock(message) as Message\`. Every other block of a service is kept whole as \`{ type: 'provider', provider, block }\`, and goes back to that service as it came.

## What an event is made of

The wire's event that brings it. A call is told when its input is whole.

${table(['event', ...services], eventRows())}

## Usage

${table(['here', ...services], usageRows())}

Everything that the service counted is in \`usage.raw\`. \`inputTokens\` leaves the cache out on both; \`totalInputTokens(usage)\` adds it.

## Refusals

By HTTP status, where the service says nothing more exact. \`retrying()\` sends the retryable ones again.

${table(['status', ...services], errorRows())}
`;
}
