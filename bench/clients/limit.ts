import type { Connect, OnText, Seen, Started } from '../client.js';
import { API_KEY, lookup, lookUp, MAX_TOKENS, MODEL } from '../tool.js';

// Limit B: what anything that reads this wire has to do, and nothing else. Node's own fetch, the stream split into
// events, each one's JSON parsed, the turn built.

interface Turn {
  text: string;
  id: string;
  json: string;
  stop: string;
  usage: unknown;
}

const DATA = '\ndata: ';
const headers = { 'content-type': 'application/json', 'x-api-key': API_KEY, 'anthropic-version': '2023-06-01' };
const tools = [{ name: lookup.name, description: lookup.description, input_schema: lookup.inputSchema }];

function take(turn: Turn, data: string, onText: OnText): void {
  const event = JSON.parse(data);
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

async function ask(url: string, messages: unknown, signal: AbortSignal, onText: OnText, tooled: boolean): Promise<Turn> {
  const body = JSON.stringify({ model: MODEL, max_tokens: MAX_TOKENS, stream: true, messages, ...(tooled ? { tools } : {}) });
  const response = await fetch(`${url}/v1/messages`, { method: 'POST', headers, body, signal });
  const reader = response.body?.getReader();
  const utf8 = new TextDecoder();
  const turn: Turn = { text: '', id: '', json: '', stop: '', usage: null };
  let rest = '';
  for (let step = await reader?.read(); step?.done === false; step = await reader?.read()) {
    const text = rest + utf8.decode(step.value, { stream: true });
    let at = 0;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n', at)) {
      take(turn, text.slice(text.indexOf(DATA, at) + DATA.length, end), onText);
      at = end + 2;
    }
    rest = text.slice(at);
  }
  if (turn.stop === '') throw new Error('the answer was cut off');
  return turn;
}

async function loop(url: string, prompt: string, signal: AbortSignal, onText: OnText): Promise<Seen> {
  const messages: unknown[] = [{ role: 'user', content: prompt }];
  for (let turns = 1, characters = 0; ; turns += 1) {
    const { text, id, json, stop } = await ask(url, messages, signal, onText, true);
    characters += text.length;
    if (stop !== 'tool_use') return { characters, turns };
    const input = JSON.parse(json);
    messages.push({ role: 'assistant', content: [{ type: 'text', text }, { type: 'tool_use', id, name: 'lookup', input }] });
    messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: lookUp(input.text) }] });
  }
}

function started(work: (signal: AbortSignal) => Promise<Seen>): Started {
  const controller = new AbortController();
  return { ended: work(controller.signal), stop: () => controller.abort() };
}

export const connect: Connect = ({ url }) => ({
  text: (prompt, onText) => started(async (signal) => ({ characters: (await ask(url, [{ role: 'user', content: prompt }], signal, onText, false)).text.length, turns: 1 })),
  toolInput: (prompt) =>
    started(async (signal) => ({ characters: JSON.parse((await ask(url, [{ role: 'user', content: prompt }], signal, () => undefined, true)).json).text.length, turns: 1 })),
  loop: (prompt, onText) => started((signal) => loop(url, prompt, signal, onText)),
});
