import assert from 'node:assert/strict';
import { anthropic } from 'coldstream/anthropic';
import { lastValueFrom } from 'rxjs';

await assert.rejects(lastValueFrom(anthropic({ model: 'm' })({ messages: [] })), (error) => {
  assert.equal(error._tag, 'ConfigurationError');
  assert.match(error.message, /@anthropic-ai\/sdk/);
  return true;
});
