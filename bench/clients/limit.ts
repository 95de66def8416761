import type { Connect, OnText, Seen, Started } from '../client.js';
import { API_KEY, lookup, lookUp, MAX_TOKENS, MODEL } from '../tool.js';

// Limit B: what anything that reads this wire has to do, and nothing else. Node's own fetch, the stream split into
// events, each one's JSON parsed, the turn built.

interface Wire {
  readonly type: string;
  readonly delta: { readonly type: string; readonly text: string; readonly partial_json: string; readonly stop_reason: string };
  readonly content_block: { readonly type: string; readonly id: string };
  readonly usage: object;
}

const headers = { 'content-type': 'application/json', 'x-api-key': API_KEY, 'anthropic-version': '2023-06-01' };
const tools = [{ name: lookup.name, description: lookup.description, input_schema: lookup.inputSchema }];
const begun = () => ({ text: '', id: '', json: '', stop: '', usage: {} });
type Turn = ReturnType<typeof begun>;

function take(turn: Turn, data: string, onText: OnText): void {
  const event: Wire = JSON.parse(data);
  switch (event.type) {
    case 'content_block_delta':
      if (event.delta.type === 'text_delta') {
        turn.text += event.delta.text;
        onText(event.delta.text);
      } else turn.json += event.delta.partial_json;
      break;
    case 'content_block_start':
      if (event.content_block.type === 'tool_use') turn.id = event.content_block.id;
      break;
    case 'message_delta':
      turn.stop = event.delta.stop_reason;
      turn.usage = event.usage;
  }
}

async function ask(url: string, messages: unknown, signal: AbortSignal, onText: OnText, tooled = {}): Promise<Turn> {
  const body = JSON.stringify({ model: MODEL, max_tokens: MAX_TOKENS, stream: true, messages, ...tooled });
  const response = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body, signal });
  const reader = response.body?.getReader();
  const utf8 = new TextDecoder();
  const turn = begun();
  let rest = '';
  for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) {
    const text = rest + utf8.decode(step.value, { stream: true });
    let at = 0;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', at)) {
      take(turn, text.slice(text.indexOf('\ndata: ', at) + 7, end), onText);
      at = end + 2;
    }
    rest = text.slice(at);
  }
  if (turn.stop === '') throw new Error('the answer was cut off');
  return turn;
}

async function run(url: string, prompt: string, signal: AbortSignal, onText: OnText, tooled: object, answers: boolean): Promise<Seen> {
  const messages: object[] = [{ role: 'user', content: prompt }];
  for (let turns = 1, characters = 0; ; turns += 1) {
    const { text, id, json, stop } = await ask(url, messages, signal, onText, tooled);
    characters += text.length;
    if (stop !== 'tool_use') return { characters, turns };
    const input: { readonly text: string } = JSON.parse(json);
    if (!answers) return { characters: input.text.length, turns };
    messages.push({ role: 'assistant', content: [{ type: 'text', text }, { type: 'tool_use', id, name: lookup.name, input }] });
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: lookUp(input.text) }] });
  }
}

export const connect: Connect = ({ url }) => {
  const start = (prompt: string, onText: OnText, tooled: object, answers = true): Started => {
    const controller = new AbortController();
    return { ended: run(url, prompt, controller.signal, onText, tooled, answers), stop: () => controller.abort() };
  };
  const text: OnText = () => undefined;
  return { text: (prompt, onText) => start(prompt, onText, {}), toolInput: (prompt) => start(prompt, text, { tools }, false), loop: (prompt, onText) => start(prompt, onText, { tools }) };
};
