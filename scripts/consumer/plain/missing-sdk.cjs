const assert = require('node:assert/strict');
const { isColdstreamError } = require('coldstream');
const { anthropic } = require('coldstream/anthropic');

let failure;
anthropic({ model: 'm' })({ messages: [] }).subscribe({ error: (error) => (failure = error) });
process.once('exit', () => {
  assert.ok(isColdstreamError(failure), String(failure));
  assert.equal(failure._tag, 'ConfigurationError');
  assert.match(failure.message, /@anthropic-ai\/sdk/);
});
