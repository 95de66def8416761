import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { delayWhen, firstValueFrom, merge, ReplaySubject, Subject } from 'rxjs';
import { mcpTools, type McpClient } from 'coldstream/mcp';
import { nobodyLeft, server, textOf, until, using } from './support.js';

afterEach(nobodyLeft);

const listing = (...args: readonly string[]): ReturnType<typeof server> => server('listing.mjs', args);
const given = (tools: readonly unknown[]): ReturnType<typeof server> => listing('given', JSON.stringify({ tools }));
const schema = { type: 'object' };
const nested = (depth: number): object => (depth === 0 ? schema : { type: 'object', properties: { inner: nested(depth - 1) } });

async function namesOf(source: ReturnType<typeof server>, namespace?: string): Promise<readonly string[]> {
  return using(source, namespace === undefined ? {} : { namespace }, async (_find, [first]) => (first ?? []).map(({ name }) => name));
}

describe('mcpTools', () => {
  it('T13 lists all pages, in order', async () => {
    expect(await namesOf(listing('pages'))).toEqual([0, 1, 2, 3].flatMap((page) => [`tool-${page}-a`, `tool-${page}-b`]));
  });

  it.each([
    ['loop', 3],
    ['endless', 64],
  ])('T13 ends a list that does not: %s', async (mode, pages) => {
    const warnings: string[] = [];
    await using(listing(mode), { onWarning: (message) => warnings.push(message) }, async (_find, [tools]) => {
      expect(tools).toHaveLength(mode === 'loop' ? 3 : pages);
    });
    expect(warnings).toEqual([expect.stringContaining(`the first ${pages} pages`)]);
  });

  it('T13 lists again when the server says that the list has changed', () =>
    using(server('behaviours.mjs'), {}, async (find, lists) => {
      expect(() => find('added')).toThrow();
      await textOf(find('changeList'));
      await until(() => lists.length > 1);
      expect(await textOf(find('added'), { now: true })).toBe('{"now":true}');
    }));

  it('takes a server that knows no tools/list for one without tools', async () => {
    expect(await namesOf(listing('unknown'))).toEqual([]);
  });

  it('fails when the tools cannot be listed, or not in time', async () => {
    await expect(namesOf(listing('failing'))).rejects.toMatchObject({ _tag: 'ToolSourceError', message: expect.stringContaining('out of order') });
    await expect(namesOf(listing('given', '{"tools":{}}'))).rejects.toMatchObject({ _tag: 'ToolSourceError' });
    await expect(using(listing('silent'), { listTimeout: 50 }, () => Promise.resolve())).rejects.toMatchObject({ _tag: 'TimeoutError' });
  });

  it('describes the tools as the server does', () =>
    using(given([{ name: 'a', description: 'One', inputSchema: nested(3) }, { name: 'b', title: 'Two', inputSchema: schema }, { name: 'c', inputSchema: schema }]), { timeout: 5 }, async (find) => {
      expect(find('a')).toMatchObject({ description: 'One', inputSchema: nested(3), timeout: 5 });
      expect([find('b').description, find('c').description]).toEqual(['Two', 'c']);
    }));

  it('D15 names by namespace, and calls the server by its own names', () =>
    using(server('behaviours.mjs'), { namespace: 'here' }, async (find) => {
      expect(await textOf(find('here__echo'), { a: 1 })).toBe('{"a":1}');
    }));

  it('D15 makes names that providers take', async () => {
    const names = ['files.read', 'files/read', 'get-sum', 'get-sum', 'größe', 'x'.repeat(90)];
    const exposed = await namesOf(given(names.map((name) => ({ name, inputSchema: schema }))));
    expect(exposed).toHaveLength(5);
    expect(exposed).toEqual(expect.arrayContaining(['get-sum', 'files_read', 'gr__e']));
    for (const name of exposed) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });

  it.each([
    ['a remote reference', { type: 'object', properties: { a: { $ref: 'http://169.254.169.254/schema' } } }],
    ['a depth', nested(80)],
    ['a size', { type: 'object', enum: Array.from({ length: 20_000 }, (_, index) => index) }],
    ['no object', 'object'],
    ['another type', { type: 'string' }],
  ])('D16 leaves out a tool whose schema has %s, and only that', async (_what, inputSchema) => {
    const warnings: string[] = [];
    await using(given([{ name: 'bad', inputSchema }, { name: 'good', inputSchema: schema }]), { onWarning: (message) => warnings.push(message) }, async (_find, [tools]) => {
      expect(tools?.map(({ name }) => name)).toEqual(['good']);
    });
    expect(warnings).toEqual([expect.stringContaining('"bad"')]);
  });

  it('T16 leaves out what is not a tool', async () => {
    expect(await namesOf(given([null, 'tool', {}, { name: '' }, { name: 5 }, { name: 'task', execution: { taskSupport: 'required' }, inputSchema: schema }, { name: 'good', inputSchema: {} }]))).toEqual(['good']);
  });

  it('asks for a client that is connected', async () => {
    await expect(firstValueFrom(mcpTools(new Client({ name: 'test', version: '1' })))).rejects.toMatchObject({ _tag: 'ConfigurationError' });
  });

  it('passes on the failure of the source of clients, and ends with none', async () => {
    const clients = new Subject<McpClient>();
    const tools = firstValueFrom(mcpTools(clients));
    clients.error(new Error('no client'));
    await expect(tools).rejects.toThrow('no client');
  });

  it('fails when the connection of a client that it was given is closed', async () => {
    const [near, far] = InMemoryTransport.createLinkedPair();
    const peer = new McpServer({ name: 'near', version: '1' });
    peer.registerTool('greet', { description: 'Greets' }, () => ({ content: [{ type: 'text', text: 'hello' }] }));
    await peer.connect(far);
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(near);
    await using(client, {}, async (find, _lists, failures) => {
      expect(await textOf(find('greet'))).toBe('hello');
      await client.close();
      expect(failures).toMatchObject([{ _tag: 'ConnectionError' }]);
    });
  });

  it('replaces the tools when a new client comes', async () => {
    const second = new ReplaySubject<void>(1);
    const source = merge(server('listing.mjs', ['pages']), server('behaviours.mjs').pipe(delayWhen(() => second)));
    await using(source, {}, async (find, lists) => {
      expect(find('tool-0-a').name).toBe('tool-0-a');
      second.next();
      await until(() => lists.length > 1);
      expect(await textOf(find('echo'))).toBe('{}');
      expect(() => find('tool-0-a')).toThrow();
    });
  });
});
