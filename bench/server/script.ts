/** One thing that a service says, in no wire's words yet. */
export type Step =
  | { readonly kind: 'begin'; readonly message: number }
  | { readonly kind: 'text-begin'; readonly block: number }
  | { readonly kind: 'text'; readonly block: number; readonly text: string }
  | { readonly kind: 'call-begin'; readonly block: number; readonly id: string }
  | { readonly kind: 'input'; readonly block: number; readonly json: string }
  | { readonly kind: 'block-end'; readonly block: number }
  | { readonly kind: 'end'; readonly stop: 'end_turn' | 'tool_use'; readonly deltas: number };

const WORDS = ['a cold', ' stream', ' of text', ' that', ' comes', ' in', ' small', ' pieces,', ' one', ' after', ' the', ' other.'];
const TURN_DELTAS = 20;
const INPUT_DELTAS = 5;
const DELTA_BYTES = 20;

function texts(count: number, block: number): readonly Step[] {
  return [
    { kind: 'text-begin', block },
    ...Array.from({ length: count }, (_, index): Step => ({ kind: 'text', block, text: WORDS[index % WORDS.length] ?? '' })),
    { kind: 'block-end', block },
  ];
}

function call(id: string, json: string, deltas: number, block: number): readonly Step[] {
  const length = Math.ceil(json.length / deltas);
  const pieces = Array.from({ length: deltas }, (_, index) => json.slice(index * length, (index + 1) * length));
  return [
    { kind: 'call-begin', block, id },
    ...pieces.filter((piece) => piece !== '').map((piece): Step => ({ kind: 'input', block, json: piece })),
    { kind: 'block-end', block },
  ];
}

function textTurn(deltas: number, message = 0): readonly Step[] {
  return [{ kind: 'begin', message }, ...texts(deltas, 0), { kind: 'end', stop: 'end_turn', deltas }];
}

function inputOf(bytes: number): string {
  const empty = JSON.stringify({ text: '' }).length;
  return JSON.stringify({ text: 'x'.repeat(Math.max(0, bytes - empty)) });
}

/**
 * What a prompt asks for, as the steps of its answer:
 * `text N`, `input BYTES`, `loop TURNS` (the turn is told by the results that came with the request), `first`, `idle`.
 * A `paced` answer is made while it is sent, and `idle` is the beginning of one that never ends.
 */
export function script(prompt: string, results: number): readonly Step[] {
  const [kind = '', size = '0'] = prompt.split(' ');
  const count = Number(size);
  switch (kind) {
    case 'text':
      return textTurn(count);
    case 'input': {
      const json = inputOf(count);
      return [{ kind: 'begin', message: 0 }, ...call('call_0', json, Math.ceil(json.length / DELTA_BYTES), 0), { kind: 'end', stop: 'tool_use', deltas: count }];
    }
    case 'loop': {
      if (results >= count) return textTurn(TURN_DELTAS, results);
      const asked = call(`call_${String(results)}`, JSON.stringify({ text: `What comes after number ${String(results)}?` }), INPUT_DELTAS, 1);
      return [{ kind: 'begin', message: results }, ...texts(TURN_DELTAS, 0), ...asked, { kind: 'end', stop: 'tool_use', deltas: TURN_DELTAS }];
    }
    case 'first':
      return textTurn(11);
    case 'idle':
    case 'paced':
      return [{ kind: 'begin', message: 0 }, { kind: 'text-begin', block: 0 }, { kind: 'text', block: 0, text: 'first' }];
    default:
      throw new Error(`no such prompt: ${prompt}`);
  }
}

/** What is to be seen of the whole answer to a prompt: characters of text, or of the tool's input for `input BYTES`. */
export function expected(prompt: string): { readonly characters: number; readonly turns: number } {
  const [kind = '', size = '0'] = prompt.split(' ');
  const turns = kind === 'loop' ? Number(size) + 1 : 1;
  const last = script(prompt, turns - 1);
  const empty = JSON.stringify({ text: '' }).length;
  const characters = last.reduce((sum, step) => sum + (step.kind === 'text' ? step.text.length : step.kind === 'input' ? step.json.length : 0), 0);
  return { characters: turns * characters - (kind === 'input' ? empty : 0), turns };
}
