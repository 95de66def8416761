/**
 * Checked by the compiler alone: the codecs have the hand-written types, and the comparison that holds them to it sees
 * what being assignable both ways does not.
 */
import type * as t from 'io-ts';
import * as io from 'io-ts';
import type { eventBodies } from '../../src/events/event-body-codec.js';
import type * as Events from '../../src/events/events.js';
import type { Json as JsonCodec } from '../../src/events/json-codec.js';
import type { Json } from '../../src/events/json.js';
import type { StreamEvent as StreamEventCodec } from '../../src/events/stream-event-codec.js';
import { heldTo, optional, struct, type Flatten, type Same } from '../../src/events/struct-codec.js';
import type { ContentBlock as ContentBlockCodec } from '../../src/messages/content-block-codec.js';
import type { Message as MessageCodec } from '../../src/messages/message-codec.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import type { Usage as UsageCodec } from '../../src/messages/usage-codec.js';
import type { Usage } from '../../src/messages/usage.js';

type Yes<Answer extends true> = Answer;
type No<Answer extends false> = Answer;
type AssignableBothWays<Left, Right> = [Left, Right] extends [Right, Left] ? true : false;

// Each codec decodes to the type of the same name.
export type JsonIsHeld = Yes<Same<t.TypeOf<typeof JsonCodec>, Json>>;
export type UsageIsHeld = Yes<Same<t.TypeOf<typeof UsageCodec>, Usage>>;
export type ContentBlockIsHeld = Yes<Same<t.TypeOf<typeof ContentBlockCodec>, ContentBlock>>;
export type MessageIsHeld = Yes<Same<t.TypeOf<typeof MessageCodec>, Message>>;
export type StreamEventIsHeld = Yes<Same<t.TypeOf<typeof StreamEventCodec>, Events.StreamEvent>>;

// Every event has a codec in the table, for its own type and no other.
type Body<Type extends Events.StreamEventType> = Extract<Events.EventBody, { readonly type: Type }>;
type HeldBodies = {
  [Type in keyof typeof eventBodies]: Same<t.TypeOf<(typeof eventBodies)[Type]>, Body<Type>>;
};
export type EveryTypeIsThere = Yes<Same<keyof typeof eventBodies, Events.StreamEventType>>;
export type EveryBodyIsHeld = Yes<Same<HeldBodies[keyof HeldBodies], true>>;

// An optional member that was forgotten: assignable both ways, and still not the same.
interface Whole {
  readonly id: string;
  readonly note?: string;
}
export const forgetful = struct('Whole', { id: io.string });
export const required = struct('Whole', { id: io.string, note: io.string });
export const complete = struct('Whole', { id: io.string, note: optional(io.string) });
type Forgetful = t.TypeOf<typeof forgetful>;
export type ForgettingSlipsThrough = Yes<AssignableBothWays<Forgetful, Whole>>;
export type ForgettingIsSeen = No<Same<Flatten<Forgetful>, Flatten<Whole>>>;
export type RequiringIsSeen = No<Same<Flatten<t.TypeOf<typeof required>>, Flatten<Whole>>>;
export type CompleteIsTaken = Yes<Same<Flatten<t.TypeOf<typeof complete>>, Flatten<Whole>>>;

// It sees one inside another object, a member too many, a wider member and a lost `readonly`.
interface Nested {
  readonly content: Whole;
}
export const nested = struct('Nested', { content: forgetful });
export const nestedWhole = struct('Nested', { content: complete });
export type NestedForgettingIsSeen = No<Same<Flatten<t.TypeOf<typeof nested>>, Flatten<Nested>>>;
export type NestedCompleteIsTaken = Yes<Same<Flatten<t.TypeOf<typeof nestedWhole>>, Flatten<Nested>>>;
export type SurplusIsSeen = No<Same<Flatten<Whole>, Flatten<Omit<Whole, 'note'>>>>;
export type WideningIsSeen = No<Same<{ readonly id: string }, { readonly id: string | null }>>;
export type MutabilityIsSeen = No<Same<{ id: string }, { readonly id: string }>>;

// `heldTo` takes the whole codec and nothing else: for the others its parameter is `never`.
const holdWhole = heldTo<Whole>();
export const held: t.Type<Whole> = holdWhole(complete);
export type HoldRefusesForgetting = Yes<Same<Parameters<typeof holdWhole<typeof forgetful>>[0], never>>;
export type HoldRefusesRequiring = Yes<Same<Parameters<typeof holdWhole<typeof required>>[0], never>>;
export type HoldTakesComplete = Yes<Same<Parameters<typeof holdWhole<typeof complete>>[0], typeof complete>>;
