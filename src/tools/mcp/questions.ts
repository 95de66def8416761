import type { Observable, ObservableInput } from 'rxjs';
import type { JsonObject } from '../../events/json.js';

/** What a server asks of a person while it works on a call: to fill in a form, or to open a page. */
export type ElicitationRequest = ElicitationForm | ElicitationUrl;

interface Elicitation {
  /** Names the request; its answer carries the same. */
  readonly id: string;
  /** The server, by the command or the origin that it was reached by. */
  readonly server: string;
  /** The server's words for the person. */
  readonly message: string;
}

/** A form to be filled in. Never ask a person for a password by it: the protocol forbids that, and the model may read it. */
export interface ElicitationForm extends Elicitation {
  readonly mode: 'form';
  /** A JSON Schema of an object with plain members; what they have as `default` is put in where the answer leaves it out. */
  readonly schema: JsonObject;
}

/** A page to be opened by the person, after they have seen where it leads. Only `http:` and `https:` get here. */
export interface ElicitationUrl extends Elicitation {
  readonly mode: 'url';
  readonly url: string;
  /** What the notice `elicitation_complete` will carry when the person is done there. */
  readonly elicitationId: string;
}

/** A person's answer: agreed (with what they filled in), refused, or dismissed. */
export interface ElicitationAnswer {
  readonly id: string;
  readonly action: 'accept' | 'decline' | 'cancel';
  readonly content?: { readonly [member: string]: string | number | boolean | readonly string[] };
}

/** Turns requests into answers, in any order; subscribed for as long as the client is connected. */
export type Elicit = (requests: Observable<ElicitationRequest>) => ObservableInput<ElicitationAnswer>;
