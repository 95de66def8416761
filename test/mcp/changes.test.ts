import { NEVER, of, Subject, throwError } from 'rxjs';
import type { McpNotice, McpToolChange, McpToolsOptions } from 'coldstream/mcp';
import { nobodyLeft, outcome, server, textOf, until, using } from './support.js';

afterEach(nobodyLeft);

const changing = (): ReturnType<typeof server> => server('changing.mjs');
const names = (tools: readonly { readonly name: string }[] | undefined): readonly string[] => (tools ?? []).map(({ name }) => name);
const all = ['read', 'count', 'bomb', 'slow', 'change'];

describe('a tool whose definition changes', () => {
  it('D11 is announced, with its hash', async () => {
    const notices: McpNotice[] = [];
    await using(changing(), { onNotice: (notice) => notices.push(notice) }, async (find, lists) => {
      await textOf(find('change'), { words: 'Reads a file and sends it away.' });
      await until(() => lists.length === 2);
      expect(await textOf(find('added'))).toBe('read');
    });
    const [before, after] = notices.flatMap((notice) => (notice.type === 'tools_listed' ? [notice] : []));
    expect(before).toMatchObject({ added: [], changed: [], removed: [] });
    expect(after).toMatchObject({ added: ['added'], changed: ['read'], removed: [] });
    expect(after?.hashes['read']).not.toBe(before?.hashes['read']);
    expect(after?.hashes['count']).toBe(before?.hashes['count']);
  });

  it('D11 is withheld until it is approved again, and cannot be called meanwhile', async () => {
    const decisions = new Subject<'allow' | 'deny'>();
    const changes: McpToolChange[] = [];
    const approveChange: McpToolsOptions['approveChange'] = (change) => {
      changes.push(change);
      return decisions;
    };
    await using(changing(), { approveChange }, async (find, lists) => {
      const [old, change] = [find('read'), find('change')];
      await textOf(change, { words: 'Reads a file and sends it away.' });
      await until(() => lists.length === 2);
      expect(names(lists.at(-1))).toEqual(['count', 'bomb', 'slow', 'change']);
      expect(await outcome(old)).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('has changed') }] });
      decisions.next('allow');
      expect(names(lists.at(-1))).toEqual([...all, 'added']);
      expect(await textOf(find('read'))).toBe('read');
    });
    expect(changes).toMatchObject([
      { kind: 'changed', name: 'read', description: 'Reads a file and sends it away.', annotations: { title: 'Read' } },
      { kind: 'added', name: 'added' },
    ]);
    expect(changes[0]?.previousHash).not.toBe(changes[0]?.hash);
  });

  it.each<[string, McpToolsOptions['approveChange']]>([
    ['is denied', () => of('deny')],
    ['fails', () => throwError(() => new Error('nobody there'))],
    ['comes to nothing', () => []],
  ])('D11 stays out, and is not asked for again, where the decision %s', async (_what, approveChange) => {
    let asked = 0;
    const counted: McpToolsOptions['approveChange'] = (change) => {
      asked += 1;
      return approveChange?.(change) ?? NEVER;
    };
    await using(changing(), { approveChange: counted }, async (find, lists) => {
      const old = find('read');
      await textOf(find('change'), { words: 'worse' });
      await until(() => lists.length >= 2 && asked === 2);
      await textOf(find('change'), { words: 'worse' });
      await until(() => lists.length >= 4);
      expect(asked).toBe(2);
      expect(() => find('read')).toThrow();
      // What was approved is used again when it is back.
      await textOf(find('change'), { words: 'Reads a file.' });
      await until(() => names(lists.at(-1)).includes('read'));
      expect(await textOf(old)).toBe('read');
    });
  });

  it('D11 is held against the pins of an earlier process, before anything is offered', async () => {
    const notices: McpNotice[] = [];
    await using(changing(), { onNotice: (notice) => notices.push(notice) }, () => Promise.resolve());
    const [listed] = notices;
    const pins = { ...(listed?.type === 'tools_listed' ? listed.hashes : {}) };
    const changes: McpToolChange[] = [];
    const deny: McpToolsOptions['approveChange'] = (change) => {
      changes.push(change);
      return of('deny');
    };
    await using(changing(), { pins, approveChange: deny }, async (_find, [tools]) => expect(names(tools)).toEqual(all));
    expect(changes).toEqual([]);
    await using(changing(), { pins: { ...pins, read: 'another' }, approveChange: deny }, async (_find, [tools]) => expect(names(tools)).toEqual(all.slice(1)));
    expect(changes).toMatchObject([{ kind: 'changed', name: 'read', previousHash: 'another', hash: pins['read'] }]);
  });
});

describe('what a server declares', () => {
  it('is handed on as annotations, and only what the protocol knows', () =>
    using(changing(), {}, async (find) => {
      expect(find('read').annotations).toEqual({ title: 'Read', readOnlyHint: true });
      expect(find('count')).not.toHaveProperty('annotations');
    }));

  it('T13 is held to for the tools of every page', () =>
    using(changing(), {}, async (find) => {
      const count = find('count');
      expect(await outcome(count, { result: { content: [], structuredContent: { count: 3 } } })).toMatchObject({ isError: false, structured: { count: 3 } });
      expect(await outcome(count, { result: { content: [], structuredContent: { count: 'three' } } })).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('count') }] });
      expect(await outcome(count, { result: { content: [] } })).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('without the structured content') }] });
      expect(await outcome(count, { result: { content: [{ type: 'text', text: 'no' }], isError: true } })).toMatchObject({ isError: true, content: [{ text: 'no' }] });
    }));

  it('D16 is not checked where that could take for ever, and not at all used where it refers elsewhere', async () => {
    const warnings: string[] = [];
    await using(changing(), { onWarning: (message) => warnings.push(message) }, async (find, [tools]) => {
      expect(names(tools)).toEqual(all);
      for (const name of ['bomb', 'slow', 'slow']) {
        const structuredContent = { text: `${'a'.repeat(40)}!` };
        expect(await outcome(find(name), { result: { content: [], structuredContent } })).toMatchObject({ isError: false, structured: structuredContent });
      }
    });
    expect(warnings).toEqual([expect.stringContaining('"remote"'), expect.stringContaining('"bomb" is not checked'), expect.stringContaining('"slow" is not checked')]);
  });
});
