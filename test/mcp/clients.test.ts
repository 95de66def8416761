import { Client as ClientOne } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioOne } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpOne } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as ClientTwo, StreamableHTTPClientTransport as HttpTwo } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioTwo } from '@modelcontextprotocol/client/stdio';
import { combineLatest, firstValueFrom, map } from 'rxjs';
import { mcpTools, type McpClient } from 'coldstream/mcp';
import { closeServers, event, httpPeer, stream, text } from './http-support.js';
import { call, fixture, mark, nobodyLeft, outputs, server, textOf, until, using } from './support.js';

afterEach(async () => {
  await nobodyLeft();
  await closeServers();
});

type Closing = McpClient & { close(): Promise<void> };
const info = { name: 'test', version: '1' };
const command = { command: process.execPath, args: [fixture('behaviours.mjs')], env: mark };

async function connectedOne(url?: string): Promise<Closing> {
  const client = new ClientOne(info);
  await client.connect(url === undefined ? new StdioOne(command) : new HttpOne(new URL(url)));
  return client;
}

async function connectedTwo(url?: string): Promise<Closing> {
  const client = new ClientTwo(info);
  await client.connect(url === undefined ? new StdioTwo(command) : new HttpTwo(new URL(url)));
  return client;
}

describe.each([
  ['@modelcontextprotocol/sdk', connectedOne],
  ['@modelcontextprotocol/client', connectedTwo],
])('a client of %s', (_package, connect) => {
  it('T10 T16 lists, calls, tells progress and keeps unknown content over stdio', async () => {
    const client = await connect();
    await using(client, {}, async (find) => {
      expect(await textOf(find('echo'), { city: 'Lima' })).toBe('{"city":"Lima"}');
      const all = await outputs(find('burst'), { count: 500 });
      expect(all.map((output) => (output.type === 'tool_progress' ? output.content.progress : output.type))).toEqual([...Array.from({ length: 500 }, (_, index) => index + 1), 'tool_outcome']);
      expect(await outputs(find('unknownContent'))).toMatchObject([{ content: [{ text: '{"type":"hologram","depth":3}' }, { text: 'and text' }] }]);
    });
    await client.close();
  });

  it('T9 T13 cancels, lists again, and is not closed by the tools', async () => {
    const client = await connect();
    await using(client, {}, async (find, lists) => {
      await firstValueFrom(call(find('hang')));
      expect(JSON.parse(await textOf(find('cancelled')))).toEqual(['hang']);
      await textOf(find('changeList'));
      await until(() => lists.length > 1);
    });
    await using(client, {}, async (find) => expect(await textOf(find('added'))).toBe('{}'));
    await client.close();
  });

  it('T10 tells progress over HTTP', async () => {
    const peer = await httpPeer({
      burst: ({ id, params }, response) => {
        const progress = [1, 2, 3].map((step) => event({ method: 'notifications/progress', params: { progressToken: params?._meta?.progressToken, progress: step } }));
        stream(response, ...progress, event({ id, result: text('done') })).end();
      },
    });
    const client = await connect(peer.url);
    await using(client, {}, async (find) => {
      expect((await outputs(find('burst'))).map(({ type }) => type)).toEqual(['tool_progress', 'tool_progress', 'tool_progress', 'tool_outcome']);
    });
    await client.close();
  });
});

describe('several servers', () => {
  it('D15 keep the names of their tools apart, and each is called by its own', async () => {
    const [left$, right$] = ['left', 'right'].map((namespace) => mcpTools(server('behaviours.mjs'), { namespace }));
    const both = combineLatest([left$ ?? [], right$ ?? []]).pipe(map((lists) => lists.flat()));
    const pids = new Promise<readonly string[]>((resolve, reject) => {
      const subscription = both.subscribe((tools) => {
        const named = (name: string) => tools.find((tool) => tool.name === name);
        const [left, right] = [named('left__pid'), named('right__pid')];
        if (left === undefined || right === undefined) return;
        expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length);
        Promise.all([textOf(left), textOf(right)]).then(resolve, reject).finally(() => subscription.unsubscribe());
      });
    });
    expect(new Set(await pids).size).toBe(2);
  });
});
