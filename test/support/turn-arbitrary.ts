import fc, { type Arbitrary } from 'fast-check';
import { withEnvelope } from '../../src/events/construct.js';
import type { Envelope, EventBody, StreamEvent } from '../../src/events/events.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { parsePartialJson } from '../../src/messages/partial-json.js';
import { json, jsonObject } from './arbitraries.js';

/** A model turn: what its `message` event would carry, and the events that tell of it before. */
export interface Turn {
  readonly message: Message;
  readonly events: readonly StreamEvent[];
}

interface Told {
  readonly block: ContentBlock;
  readonly bodies: readonly EventBody[];
}

const someText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 });

/** The text in pieces, cut at the given places. */
function pieces(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...[...new Set(cuts.map((cut) => cut % text.length))].sort((left, right) => left - right), text.length];
  return places.slice(1).map((end, position) => text.slice(places[position], end)).filter((piece) => piece !== '');
}

const cuts = fc.array(fc.nat(), { maxLength: 4 });

function textBlock(block: number): Arbitrary<Told> {
  return fc.tuple(someText, cuts, fc.array(json, { maxLength: 2 })).map(([text, at, citations]) => ({
    block: citations.length === 0 ? { type: 'text', text } : { type: 'text', text, citations },
    bodies: [
      ...pieces(text, at).map((content): EventBody => ({ type: 'text_delta', content, block })),
      ...citations.map((content): EventBody => ({ type: 'citation', content, block })),
    ],
  }));
}

function thinkingBlock(block: number): Arbitrary<Told> {
  return fc.tuple(someText, cuts).map(([thinking, at]) => ({
    block: { type: 'thinking', thinking },
    bodies: pieces(thinking, at).map((content): EventBody => ({ type: 'thinking', content, block })),
  }));
}

/** A call that ends; told piece by piece or, as some providers do, at its end only. */
function callBlock(block: number): Arbitrary<Told> {
  return fc.tuple(jsonObject, cuts, fc.boolean()).map(([input, at, inPieces]) => {
    const call = { id: `call_${block}`, name: `tool_${block}` };
    const growing: readonly EventBody[] = [
      { type: 'tool_input_start', content: call, block },
      ...pieces(JSON.stringify(input), at).map((delta): EventBody => ({ type: 'tool_input_delta', content: { id: call.id, delta }, block })),
    ];
    return {
      block: { type: 'tool_use', ...call, input },
      bodies: [...(inPieces ? growing : []), { type: 'tool_use_start', content: { ...call, input } }],
    };
  });
}

/** A call whose input ends in the middle: cut off, or ended with JSON that cannot be parsed. */
function cutCallBlock(block: number): Arbitrary<Told> {
  return fc.tuple(jsonObject, fc.nat(), cuts, fc.boolean()).map(([whole, length, at, ended]) => {
    const call = { id: `call_${block}`, name: `tool_${block}` };
    const all = JSON.stringify(whole);
    const text = all.slice(0, 1 + (length % (all.length - 1)));
    const end: EventBody = { type: 'tool_use_start', content: { ...call, input: {}, inputError: { text, message: 'cut' } } };
    return {
      block: { type: 'tool_use', ...call, input: parsePartialJson(text) ?? {} },
      bodies: [
        { type: 'tool_input_start', content: call, block },
        ...pieces(text, at).map((delta): EventBody => ({ type: 'tool_input_delta', content: { id: call.id, delta }, block })),
        ...(ended ? [end] : []),
      ],
    };
  });
}

const blocks: Arbitrary<Told[]> = fc
  .array(fc.constantFrom(textBlock, thinkingBlock, callBlock, cutCallBlock), { maxLength: 5 })
  .chain((kinds) => fc.tuple(...kinds.map((kind, block) => kind(block))));

/** Gives bodies the envelopes of one turn. */
export function asTurn(bodies: readonly EventBody[], envelope: Partial<Envelope> = {}): readonly StreamEvent[] {
  const around = { runId: 'run_1', path: [], iteration: 0, timestamp: 0, model: 'model-1', metadata: {}, ...envelope };
  return bodies.map((body, seq) => withEnvelope({ ...around, seq }, body));
}

/** Turns as providers tell them, one block after the other. */
export const turn: Arbitrary<Turn> = blocks.map((told) => ({
  message: { role: 'assistant', content: told.map(({ block }) => block) },
  events: asTurn(told.flatMap(({ bodies }) => bodies)),
}));

/** Turns whose blocks arrive mixed; only calls that are told piece by piece, since one told at its end alone has no place. */
export const mixedTurn: Arbitrary<Turn> = fc
  .tuple(blocks, fc.infiniteStream(fc.nat()))
  .map(([told, picks]) => {
    const queues = told.map(({ block, bodies }, position) => {
      const [first] = bodies;
      const isSudden = block.type === 'tool_use' && first?.type === 'tool_use_start';
      const start: EventBody = { type: 'tool_input_start', content: { id: `call_${position}`, name: `tool_${position}` }, block: position };
      return isSudden ? [start, ...bodies] : [...bodies];
    });
    const mixed: EventBody[] = [];
    for (let left = queues.filter((queue) => queue.length > 0); left.length > 0; left = left.filter((queue) => queue.length > 0)) {
      const pick = Number(picks.next().value) % left.length;
      const body = left[pick]?.shift();
      if (body !== undefined) mixed.push(body);
    }
    return { message: { role: 'assistant', content: told.map(({ block }) => block) }, events: asTurn(mixed) };
  });
