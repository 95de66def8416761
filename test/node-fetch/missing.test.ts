import { anthropic } from 'coldstream/anthropic';
import { nodeFetch } from 'coldstream/node-fetch';
import { firstValueFrom } from 'rxjs';

jest.mock('undici', () => {
  throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
});

it('says what to install where undici is not there', async () => {
  await expect(nodeFetch()('http://127.0.0.1:9/')).rejects.toThrow('The package undici is not installed: run npm install undici, or pass a dispatcher to nodeFetch()');
});

it('says so through a provider, too', async () => {
  const provider = anthropic({ model: 'claude-sonnet-5', baseURL: 'http://127.0.0.1:9', apiKey: 'none', fetch: nodeFetch() });
  const turn$ = provider({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] });
  await expect(firstValueFrom(turn$)).rejects.toMatchObject({ code: 'configuration', message: expect.stringContaining('npm install undici') });
});
