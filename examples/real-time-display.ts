// Real-time display: the answer appears piece by piece, as the model writes it, and what it cost at the end.
// The model is the scripted stand-in, behind the real SDK and a real connection; nothing needs a key.
import assert from 'node:assert/strict';
import { agent, isTerminal } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { mockModelServer } from 'coldstream/mock-server';
import { switchMap, takeWhile } from 'rxjs';

const story = 'A droplet fell into a cold stream. It went where it was sent, and when nobody watched any more, it stopped.';
const shown: string[] = [];
let whole = '';

/** In how many turns of the event loop text was shown: one, if it came all at once. */
let moments = 0;
let thisMoment = false;

function show(text: string): void {
  process.stdout.write(text);
  shown.push(text);
  if (thisMoment) return;
  thisMoment = true;
  moments += 1;
  setImmediate(() => (thisMoment = false));
}

mockModelServer({ script: () => ({ content: [{ type: 'text', text: story }] }) })
  .pipe(
    switchMap(({ url }) => {
      const ask = agent({ provider: anthropic({ model: 'claude-sonnet-5', baseURL: url, apiKey: 'none' }) });
      return ask('Tell me a story.');
    }),
    // The run ends by itself; this ends the server with it.
    takeWhile((event) => !isTerminal(event), true),
  )
  .subscribe((event) => {
    if (event.type === 'text_delta') show(event.content);
    // By now everything had been shown: the whole message comes last.
    if (event.type === 'message') whole = shown.join('');
    if (event.type === 'complete') console.log(`\n\nTokens used: ${event.usage?.inputTokens} in, ${event.usage?.outputTokens} out`);
    if (event.type === 'error') console.error(event.content.error);
  });

// Checked at exit, so that a run that never ends fails too.
process.on('exit', () => {
  assert.equal(whole, story);
  assert.ok(moments > 1, 'the answer came all at once');
});
