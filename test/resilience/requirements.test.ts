import { fallingBackTo } from 'coldstream';
import { anthropic } from 'coldstream/anthropic';
import { bedrock } from 'coldstream/bedrock';
import { outcomeOf } from '../anthropic/support.js';

/** Calls past the compiler, as JavaScript would. */
const call = (maker: (...given: never[]) => unknown, ...given: readonly unknown[]) => (): unknown => Reflect.apply(maker, undefined, given);

describe('a configuration that cannot be meant is refused at once', () => {
  it.each([
    ['no model', call(anthropic, {}), 'model must be a text'],
    ['an empty model', call(bedrock, { model: ' ' }), 'model must be a text'],
    ['a word for cache', call(anthropic, { model: 'a', cache: 'yes' }), "cache must be 'auto', not \"yes\""],
    ['a time for cache', call(bedrock, { model: 'a', cache: { ttl: '2h' } }), "cache.ttl must be '5m' or '1h'"],
    ['a handler', call(bedrock, { model: 'a', handler: 'http3' }), "handler must be 'http2' or 'http1'"],
    ['no other provider', call(fallingBackTo, null), 'fallingBackTo needs the provider'],
  ])('%s', (_what, make, says) => {
    expect(make).toThrow(expect.objectContaining({ _tag: 'ConfigurationError', message: expect.stringContaining(says) }));
  });
});

it('a function for credentials that fails is a failure that another provider can mend', async () => {
  const failing = bedrock({ model: 'a', region: 'us-east-1', endpoint: 'http://127.0.0.1:9', credentials: () => Promise.reject(new Error('vault sealed')) });
  const { error } = await outcomeOf(failing({ messages: [] }));
  expect(error).toMatchObject({ _tag: 'AuthenticationError', message: expect.stringContaining('vault sealed') });
  const rescued = fallingBackTo(bedrock({ model: 'b', client: { send: () => Promise.reject(new Error('asked')) } }))(failing);
  expect((await outcomeOf(rescued({ messages: [] }))).events).toMatchObject([{ type: 'retry', content: { error: { code: 'authentication' }, to: 'b' } }]);
});
