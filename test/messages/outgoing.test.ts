import fc from 'fast-check';
import type { JsonObject } from '../../src/events/json.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';
import { isOwn, omittedMetadata, outgoing, type Outgoing, type ServiceForm } from '../../src/messages/outgoing.js';
import { contentBlock } from '../support/arbitraries.js';

function json(block: ContentBlock): JsonObject {
  const value: JsonObject = JSON.parse(JSON.stringify(block));
  return value;
}

/** A service that takes everything as it is but what others sign. */
const FORM: ServiceForm = {
  service: 'here',
  takes: (block, ours) => (block.type === 'provider' ? block.provider === 'here' : ours || block.type !== 'thinking'),
  write: (block, ours) => (block.type === 'image' ? undefined : { kind: block.type, ours, ...('text' in block ? { text: block.text } : {}) }),
  isResult: (block) => block['kind'] === 'tool_result',
};
const PLAIN: ServiceForm = { ...FORM, write: (block) => json(block) };

const say = (text: string): ContentBlock => ({ type: 'text', text });
const result = (toolUseId: string, ...content: ContentBlock[]): ContentBlock => ({ type: 'tool_result', toolUseId, content, isError: false });
const user = (...content: ContentBlock[]): Message => ({ role: 'user', content });
const assistant = (...content: ContentBlock[]): Message => ({ role: 'assistant', content });
const from = (origin: string, { role, content }: Message): Message => ({ role, content, origin });
const contents = ({ turns }: Outgoing): unknown => turns.map(({ content }) => content);

describe('isOwn', () => {
  it('takes a message without an origin for the application, and so for anyone', () => {
    expect([isOwn(user(), 'here'), isOwn(from('here', user()), 'here'), isOwn(from('there', user()), 'here')]).toEqual([true, true, false]);
  });
});

describe('outgoing', () => {
  it('joins neighbours of one role, and drops what is empty or blank', () => {
    const { turns } = outgoing([user(say('a'), say(' \n')), user(), user(say('b')), assistant(say('')), assistant(say('c')), assistant(say('d')), user(say('e'))], FORM);
    expect(turns.map(({ role, content }) => [role, content.map(({ text }) => text)])).toEqual([
      ['user', ['a', 'b']],
      ['assistant', ['c', 'd']],
      ['user', ['e']],
    ]);
  });

  it('puts the answers to calls first in a turn of the user, each kind in its order', () => {
    const { turns } = outgoing([user(say('a'), result('1')), user(say('b'), result('2')), assistant(say('c'), result('3'))], { ...PLAIN, isResult: (block) => 'toolUseId' in block });
    expect(turns.map(({ content }) => content.map(({ text, toolUseId }) => text ?? toolUseId))).toEqual([['1', '2', 'a', 'b'], ['c', '3']]);
  });

  it('M20: mends text, names of members and inputs; an input that is no object is an empty one', () => {
    const half = 'a\ud83d';
    const call: ContentBlock = { type: 'tool_use', id: '1', name: 'n', input: { [half]: [half, { deep: half }] } };
    const sent = contents(outgoing([assistant(say(half), call, { ...call, input: [1] }), user(result('1', say(half)))], PLAIN));
    expect(sent).toMatchObject([
      [{ text: 'a\uFFFD' }, { input: { 'a\uFFFD': ['a\uFFFD', { deep: 'a\uFFFD' }] } }, { input: {} }],
      [{ content: [{ text: 'a\uFFFD' }] }],
    ]);
  });

  it('M18: touches nothing that is opaque', () => {
    const opaque: ContentBlock[] = [
      { type: 'thinking', thinking: 'a\ud83d', signature: 'a\ud83d' },
      { type: 'redacted_thinking', data: 'a\ud83d' },
      { type: 'provider', provider: 'here', block: { text: 'a\ud83d', empty: '' } },
    ];
    expect(contents(outgoing([from('here', assistant(...opaque))], PLAIN))).toEqual([opaque]);
  });

  it('gives a call and its answer the same id and name, in the form that the service takes', () => {
    const form: ServiceForm = { ...PLAIN, callId: (id) => `id-${id}`, toolName: (name) => `name-${name}` };
    const sent = contents(outgoing([assistant({ type: 'tool_use', id: '1', name: 'n', input: {} }), user(result('1'))], form));
    expect(sent).toMatchObject([[{ id: 'id-1', name: 'name-n' }], [{ toolUseId: 'id-1' }]]);
  });

  it('puts what the service wants into a result that says nothing, even if that was all left out', () => {
    const form: ServiceForm = { ...PLAIN, emptyResult: say('(nothing)') };
    const theirs: ContentBlock = { type: 'provider', provider: 'there', block: {} };
    expect(contents(outgoing([user(result('1'), result('2', say(' ')), result('3', theirs), result('4', say('x')))], form))).toMatchObject([
      [{ content: [{ text: '(nothing)' }] }, { content: [{ text: '(nothing)' }] }, { content: [{ text: '(nothing)' }] }, { content: [{ text: 'x' }] }],
    ]);
  });

  it('tells each block that was left out, with the place of its message and its maker, those inside of results too', () => {
    const theirs: ContentBlock = { type: 'provider', provider: 'there', block: {} };
    const { omitted, turns } = outgoing([user(say('a')), from('there', assistant({ type: 'thinking', thinking: 'x' }, theirs)), user(result('1', theirs))], FORM);
    expect(omitted).toEqual([
      { message: 1, type: 'thinking', origin: 'there' },
      { message: 1, type: 'provider', origin: 'there' },
      { message: 2, type: 'provider', origin: 'there' },
    ]);
    expect(turns).toHaveLength(1);
    expect(outgoing([assistant({ type: 'thinking', thinking: 'x' })], { ...FORM, takes: () => false }).omitted).toEqual([{ message: 0, type: 'thinking', origin: null }]);
  });

  it('tells what did not travel with a block: citations and members of another service, where they say something', () => {
    const cited: ContentBlock = { type: 'text', text: 'a', citations: [{}], wire: { extra: 1, nothing: null, unsaid: '', none: [], not: false } };
    const call: ContentBlock = { type: 'tool_use', id: '1', name: 'n', input: {}, wire: { caller: {} } };
    const plain: ContentBlock = { type: 'text', text: 'b', citations: [], wire: { nothing: null } };
    expect(outgoing([from('there', assistant(cited, call, plain))], FORM).omitted).toEqual([
      { message: 0, type: 'text', origin: 'there', members: ['citations', 'extra'] },
      { message: 0, type: 'tool_use', origin: 'there', members: ['caller'] },
    ]);
    expect(outgoing([from('here', assistant(cited, call)), assistant(cited)], FORM).omitted).toEqual([]);
  });

  it('leaves out what the service cannot write', () => {
    expect(contents(outgoing([user(say('a'), { type: 'image', source: { type: 'url', url: 'x' } })], FORM))).toEqual([[{ kind: 'text', ours: true, text: 'a' }]]);
  });

  it('of any conversation makes turns that alternate and are not empty, and changes nothing that it was given', () => {
    const message = fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: fc.array(contentBlock, { maxLength: 3 }), origin: fc.constantFrom('here', 'there') });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 6 }), (messages) => {
        const before = JSON.stringify(messages);
        const { turns } = outgoing(messages, FORM);
        expect(JSON.stringify(messages)).toBe(before);
        for (const [at, { role, content }] of turns.entries()) {
          expect(content).not.toHaveLength(0);
          expect(role).not.toBe(turns[at - 1]?.role);
        }
      }),
    );
  });

  it('takes as many blocks in one message as there are', () => {
    const many = Array.from({ length: 200_000 }, () => say('a'));
    expect(outgoing([user(...many.slice(0, 1)), { role: 'user', content: many }], FORM).turns[0]?.content).toHaveLength(200_001);
  });
});

describe('omittedMetadata', () => {
  it('is nothing where nothing was left out', () => {
    expect(omittedMetadata([])).toEqual({});
    expect(omittedMetadata([{ message: 1, type: 'text', origin: 'there', members: ['citations'] }, { message: 2, type: 'thinking', origin: null }])).toEqual({
      omitted: [{ message: 1, type: 'text', origin: 'there', members: ['citations'] }, { message: 2, type: 'thinking', origin: null }],
    });
  });
});
