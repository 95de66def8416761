import { fromMcpBlock, fromMcpResult } from '../../src/tools/mcp/content.js';
import { checkSchema } from '../../src/tools/mcp/schema.js';

const png = 'iVBORw0KGgo=';

describe('fromMcpBlock', () => {
  it('T5 shows images and PDFs that models can see', () => {
    expect(fromMcpBlock({ type: 'image', data: png, mimeType: 'image/png' })).toEqual([
      { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: png } },
    ]);
    expect(fromMcpBlock({ type: 'image', data: png, mimeType: 'IMAGE/JPG' })).toMatchObject([{ type: 'image', source: { mediaType: 'image/jpeg' } }]);
    const pdf = { uri: 'file:///a.pdf', blob: 'JVBERi0=', mimeType: 'application/pdf' };
    expect(fromMcpBlock({ type: 'resource', resource: pdf })).toEqual([
      { type: 'document', source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' } },
    ]);
  });

  it.each([
    [{ type: 'audio', data: 'UklGRg==', mimeType: 'audio/wav' }, 'audio, audio/wav, 6 bytes'],
    [{ type: 'image', data: png, mimeType: 'image/tiff' }, 'image, image/tiff'],
    [{ type: 'image', data: 'not base64!', mimeType: 'image/png' }, 'image, image/png'],
    [{ type: 'image', data: 'abc', mimeType: 'image/png' }, 'image, image/png'],
    [{ type: 'image' }, 'image, application/octet-stream, 0 bytes'],
    [{ type: 'resource', resource: { uri: 'file:///a.zip', blob: png, mimeType: 'application/zip' } }, 'resource file:///a.zip, application/zip'],
  ])('T5 notes what models cannot see, and keeps it for the application: %j', (block, note) => {
    expect(fromMcpBlock(block)).toEqual([
      { type: 'text', text: expect.stringContaining(note) },
      { type: 'provider', provider: 'mcp', block },
    ]);
  });

  it.each([
    [{ type: 'text', text: 'hello', annotations: { priority: 1 } }, 'hello'],
    [{ type: 'resource', resource: { uri: 'file:///a.txt', text: 'inside' } }, '[resource file:///a.txt]\ninside'],
    [{ type: 'resource_link', uri: 'file:///b', name: 'b', mimeType: 'text/plain', description: 'The b' }, '[resource link file:///b: b, text/plain, The b]'],
    [{ type: 'resource_link', uri: 'file:///b' }, '[resource link file:///b]'],
    [{ type: 'text', text: 5 }, '{"type":"text","text":5}'],
    [{ type: 'resource', resource: 'none' }, '{"type":"resource","resource":"none"}'],
    [{ type: 'resource_link' }, '{"type":"resource_link"}'],
    [{ type: 'hologram', depth: [1, 2] }, '{"type":"hologram","depth":[1,2]}'],
    ['bare', '"bare"'],
    [null, 'null'],
  ])('T16 writes as text: %j', (block, text) => {
    expect(fromMcpBlock(block)).toEqual([{ type: 'text', text }]);
  });
});

describe('fromMcpResult', () => {
  const content = [{ type: 'text', text: 'a' }];

  it('keeps the structured value beside the content', () => {
    expect(fromMcpResult({ content, structuredContent: { a: 1 } })).toEqual({ type: 'tool_outcome', content, isError: false, structured: { a: 1 } });
    expect(fromMcpResult({ structuredContent: { a: 1 }, isError: true })).toEqual({
      type: 'tool_outcome',
      content: [{ type: 'text', text: '{"a":1}' }],
      isError: true,
      structured: { a: 1 },
    });
  });

  it('takes an object as a server in the same process gives it', () => {
    expect(fromMcpResult({ content: [{ type: 'text', text: 'a', _meta: undefined }], structuredContent: undefined })).toEqual({
      type: 'tool_outcome',
      content,
      isError: false,
    });
  });

  it('D1 T16 makes an error of what is no result', () => {
    const deep = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
    const polluted = JSON.parse('{"content":[],"structuredContent":{"__proto__":{"isAdmin":true}}}');
    for (const result of [undefined, null, 'text', [], {}, { content: {} }, { content: [deep] }, polluted, { content: [], structuredContent: 1n }]) {
      expect(fromMcpResult(result)).toMatchObject({ isError: true, content: [{ type: 'text' }] });
    }
  });
});

describe('checkSchema', () => {
  it('D16 passes on a schema of sane size, unchanged', () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/$defs/a' }, $ref: { type: 'string' } }, $defs: { a: { type: 'number' } } };
    expect(checkSchema(schema)).toEqual({ schema });
    expect(checkSchema({ properties: {} })).toEqual({ schema: { type: 'object', properties: {} } });
  });

  it.each([
    [{ type: 'object', description: 'x'.repeat(300_000) }, 'too large'],
    [{ type: 'object', required: Array.from({ length: 10_001 }, () => 'a') }, 'too large'],
    [{ type: 'object', $ref: 'https://example.com/schema' }, 'another document'],
    [{ type: 'object', $dynamicRef: 'other.json#a' }, 'another document'],
    [JSON.parse(`{"type":"object","properties":${'{"a":'.repeat(70)}{}${'}'.repeat(70)}}`), 'levels deep'],
    [JSON.parse('{"type":"object","properties":{"__proto__":{}}}'), 'plain JSON'],
    [{ type: ['object', 'null'] }, 'its type'],
    [undefined, 'plain JSON'],
    [[], 'plain JSON'],
  ])('D1 D16 refuses case %#: %#', (schema, reason) => {
    expect(checkSchema(schema)).toEqual({ refused: expect.stringContaining(reason) });
  });
});
