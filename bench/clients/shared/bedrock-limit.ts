import { request } from 'node:http';
import { connect } from 'node:http2';
import type { Readable } from 'node:stream';
import type { Client, OnText, Seen, Started } from '../../client.js';
import { BEDROCK_MODEL, lookup, lookUp } from '../../tool.js';

// Limit B of Bedrock's wire: frames are taken by their lengths, each one's JSON is parsed, the turn is built; no more.

const PATH = `/model/${encodeURIComponent(BEDROCK_MODEL)}/converse-stream`;
const headers = { 'content-type': 'application/json' };
const toolConfig = { tools: [{ toolSpec: { name: lookup.name, description: lookup.description, inputSchema: { json: lookup.inputSchema } } }] };

/** Sends a body and hands the answer on; gives what has to be destroyed to stop it. */
type Send = (body: string, read: (answer: Readable) => void) => { on(event: 'error', fail: (error: Error) => void): { destroy(): unknown } };
export const overHttp1 = (url: string): Send => (body, read) => request(url + PATH, { method: 'POST', headers }, read).end(body);

/** One session for all requests, as HTTP/2 means it. */
export function overHttp2(url: string): Send {
  const session = connect(url);
  return (body, read) => {
    const stream = session.request({ ...headers, ':method': 'POST', ':path': PATH });
    read(stream.end(body));
    return stream;
  };
}

type Delta = { readonly text?: string; readonly toolUse: { readonly input: string } };
type Wire = { readonly delta?: Delta; readonly start?: { readonly toolUse: { readonly toolUseId: string } }; readonly stopReason?: string; readonly usage?: object };
const begun = () => ({ text: '', id: '', json: '', stop: '', usage: {} });
type Turn = ReturnType<typeof begun>;

function take(turn: Turn, payload: string, onText: OnText): void {
  const { delta, start, stopReason, usage }: Wire = JSON.parse(payload);
  if (delta?.text !== undefined) {
    turn.text += delta.text;
    onText(delta.text);
  } else if (delta !== undefined) turn.json += delta.toolUse.input;
  else if (start !== undefined) turn.id = start.toolUse.toolUseId;
  else if (stopReason !== undefined) turn.stop = stopReason;
  else if (usage !== undefined) turn.usage = usage;
}

function read(answer: Readable, turn: Turn, onText: OnText): void {
  let rest: Buffer | undefined;
  answer.on('data', (chunk: Buffer) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let [at, size] = [0, 0];
    for (; at + 12 <= bytes.length && at + (size = bytes.readInt32BE(at)) <= bytes.length; at += size) {
      take(turn, bytes.toString('utf8', at + 12 + bytes.readInt32BE(at + 4), at + size - 4), onText);
    }
    rest = at < bytes.length ? bytes.subarray(at) : undefined;
  });
}

function turns(send: Send, prompt: string, onText: OnText, tools: object, answers: boolean): Started {
  const messages: unknown[] = [{ role: 'user', content: [{ text: prompt }] }];
  let sent: { destroy(): unknown };
  const ask = (turn: Turn) =>
    new Promise<Turn>((resolve, reject) => {
      sent = send(JSON.stringify({ messages, ...tools }), (answer) => read(answer.on('end', () => resolve(turn)), turn, onText)).on('error', reject);
    });
  const run = async (): Promise<Seen> => {
    for (let count = 1, characters = 0; ; count += 1) {
      const turn = await ask(begun());
      if (turn.stop === '') throw new Error('the answer was cut off');
      characters += turn.text.length;
      const { text: asked }: { readonly text: string } = turn.stop === 'tool_use' ? JSON.parse(turn.json) : { text: '' };
      if (!answers || turn.stop !== 'tool_use') return { characters: characters + asked.length, turns: count };
      messages.push({ role: 'assistant', content: [{ text: turn.text }, { toolUse: { toolUseId: turn.id, name: lookup.name, input: { text: asked } } }] });
      messages.push({ role: 'user', content: [{ toolResult: { toolUseId: turn.id, content: [{ text: lookUp(asked) }] } }] });
    }
  };
  return { ended: run(), stop: () => sent.destroy() };
}

export const client = (send: Send): Client => ({
  text: (prompt, onText) => turns(send, prompt, onText, {}, false),
  toolInput: (prompt) => turns(send, prompt, () => undefined, { toolConfig }, false),
  loop: (prompt, onText) => turns(send, prompt, onText, { toolConfig }, true),
});
