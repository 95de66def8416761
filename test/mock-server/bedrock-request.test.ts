import type { Json } from '../../src/events/json.js';
import { readRequest as readMessages } from '../../src/mock-server/anthropic/read-request.js';
import { readRequest } from '../../src/mock-server/bedrock/read-request.js';
import { reading } from '../../src/mock-server/complaint.js';
import { defaultScript } from '../../src/mock-server/script.js';

const user = (...content: Json[]): Json => ({ role: 'user', content });
const assistant = (...content: Json[]): Json => ({ role: 'assistant', content });
const twoNumbers: Json = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } };
const sum: Json = { toolSpec: { name: 'get-sum', description: 'Adds', inputSchema: { json: twoNumbers } } };
const call = (toolUseId: string, input: Json = {}): Json => ({ toolUse: { toolUseId, name: 'get-sum', input } });
const result = (toolUseId: string, ...content: Json[]): Json => ({ toolResult: { toolUseId, content } });
const said = { text: 'ok' };
const tools: Json = { tools: [sum] };

describe('a request of Bedrock', () => {
  test('is read into the form that scripts know', () => {
    const body: Json = {
      system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
      messages: [
        user({ text: 'Add' }, { guardContent: { text: { text: '17 and 25' } } }, { cachePoint: { type: 'default' } }),
        assistant(
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'signed' } } },
          { reasoningContent: { redactedContent: 'AAEC' } },
          { citationsContent: { content: [{ text: 'I ' }, { text: 'add.' }], citations: [] } },
          { toolUse: { toolUseId: 's', name: 'nova_grounding', input: {}, type: 'server_tool_use' } },
          { toolResult: { toolUseId: 's', type: 'nova_grounding_result', content: [] } },
          call('a', { a: 17, b: 25 }),
          call('b'),
        ),
        user(result('b', { json: { sum: 42 } }), { toolResult: { toolUseId: 'a', status: 'error', content: [{ text: 'no' }, { image: { format: 'png' } }] } }),
      ],
      toolConfig: { tools: [sum, { systemTool: { name: 'nova_grounding' } }, { cachePoint: { type: 'default' } }], toolChoice: { any: {} } },
      inferenceConfig: { maxTokens: 10 },
    };
    expect(readRequest(body, 'nova')).toEqual({
      wire: 'bedrock',
      model: 'nova',
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'Add' }, { type: 'text', text: '17 and 25' }, { type: 'cachePoint', cachePoint: { type: 'default' } }],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'signed' },
            { type: 'redacted_thinking', data: 'AAEC' },
            { type: 'text', text: 'I add.' },
            { type: 'toolUse', toolUse: { toolUseId: 's', name: 'nova_grounding', input: {}, type: 'server_tool_use' } },
            { type: 'toolResult', toolResult: { toolUseId: 's', type: 'nova_grounding_result', content: [] } },
            { type: 'tool_use', id: 'a', name: 'get-sum', input: { a: 17, b: 25 } },
            { type: 'tool_use', id: 'b', name: 'get-sum', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: '{"sum":42}' }], is_error: false },
            {
              type: 'tool_result',
              tool_use_id: 'a',
              content: [{ type: 'text', text: 'no' }, { type: 'image', image: { format: 'png' } }],
              is_error: true,
            },
          ],
        },
      ],
      tools: [{ name: 'get-sum', description: 'Adds', inputSchema: twoNumbers }],
      toolChoice: 'any',
      body,
    });
  });

  test('gets the answer of the same request over the other wire', () => {
    const converse = readRequest({ messages: [user({ text: 'add 1 and 2' }), assistant(call('a')), user(result('a', { json: 3 }))], toolConfig: tools }, 'any');
    const messages = readMessages({
      ...{ model: 'any', max_tokens: 1, stream: true, tools: [{ name: 'get-sum', description: 'Adds', input_schema: twoNumbers }] },
      messages: [
        user({ type: 'text', text: 'add 1 and 2' }),
        assistant({ type: 'tool_use', id: 'a', name: 'get-sum', input: {} }),
        user({ type: 'tool_result', tool_use_id: 'a', content: '3' }),
      ],
    });
    expect(defaultScript(converse)).toEqual({ content: [{ type: 'text', text: '1 plus 2 is 3.' }] });
    expect(defaultScript(messages)).toEqual(defaultScript(converse));
  });

  const spec = (members: Record<string, Json>): Json => ({
    tools: [{ toolSpec: { name: 'get-sum', inputSchema: { json: { type: 'object' } }, ...members } }],
  });
  const asked = user({ text: 'Hi' });

  test.each<[string, Json, string]>([
    ['a body that is a list', [], 'the body must be a JSON object'],
    ['no message', { messages: [] }, 'at least one message'],
    ['a message of the system', { messages: [{ role: 'system', content: [said] }] }, 'messages.0.role'],
    ['content that is a string', { messages: [{ role: 'user', content: 'Hi' }] }, 'messages.0.content'],
    ['content without a block', { messages: [user()] }, 'messages.0.content'],
    ['an assistant that begins', { messages: [assistant(said)] }, 'must start with a user message'],
    ['two of a role in a row', { messages: [asked, asked] }, 'messages.1: a conversation must alternate'],
    ['an empty text', { messages: [user({ text: '' })] }, 'messages.0.content.0 is blank'],
    ['a blank text', { messages: [user({ text: ' \n' })] }, 'messages.0.content.0 is blank'],
    ['a block of two members', { messages: [user({ text: 'Hi', image: {} })] }, 'exactly one member'],
    ['a block of the Messages API', { messages: [user({ type: 'text' })] }, 'type is not known here'],
    ['a call by the user', { messages: [user(call('a'))], toolConfig: tools }, 'only the assistant calls tools'],
    ['a result from the assistant', { messages: [asked, assistant(result('a', said))], toolConfig: tools }, 'come from the user'],
    ['a call without an id', { messages: [asked, assistant(call(''))], toolConfig: tools }, 'toolUseId: must match'],
    ['an id with a space', { messages: [asked, assistant(call('a b'))], toolConfig: tools }, 'toolUseId: must match'],
    ['an id too long', { messages: [asked, assistant(call('a'.repeat(65)))], toolConfig: tools }, 'toolUseId: must match'],
    ['input that is no object', { messages: [asked, assistant(call('a', 'text'))], toolConfig: tools }, 'input: must be a JSON object'],
    ['a call without a result', { messages: [asked, assistant(call('a')), asked], toolConfig: tools }, 'toolUse ids without a toolResult right after them: a'],
    ['a call at the end', { messages: [asked, assistant(call('a'))], toolConfig: tools }, 'toolUse ids without a toolResult right after them: a'],
    ['a stray result', { messages: [user(result('a', said))], toolConfig: tools }, 'toolResult without a toolUse in the message before: a'],
    ['a blank result', { messages: [asked, assistant(call('a')), user(result('a', { text: '' }))], toolConfig: tools }, 'toolResult.content.0 is blank'],
    [
      'an error without content',
      { messages: [asked, assistant(call('a')), user({ toolResult: { toolUseId: 'a', status: 'error', content: [] } })], toolConfig: tools },
      'cannot be empty when status value is error',
    ],
    ['calls, but no toolConfig', { messages: [asked, assistant(call('a')), user(result('a', said))] }, 'toolConfig field must be defined'],
    ['no tool', { messages: [asked], toolConfig: { tools: [] } }, 'at least one tool'],
    ['a bad name', { messages: [asked], toolConfig: spec({ name: 'a.b' }) }, 'name: must match'],
    ['a name too long', { messages: [asked], toolConfig: spec({ name: 'a'.repeat(65) }) }, 'name: must match'],
    ['an empty description', { messages: [asked], toolConfig: spec({ description: '' }) }, 'left out rather than empty'],
    ['a schema of no object', { messages: [asked], toolConfig: spec({ inputSchema: { json: {} } }) }, 'inputSchema.json.type'],
    ['two tools of a name', { messages: [asked], toolConfig: { tools: [sum, sum] } }, 'names must be unique, and get-sum is not'],
    ['a choice of nothing', { messages: [asked], toolConfig: { tools: [sum], toolChoice: { none: {} } } }, 'none is not known here'],
    ['an unknown choice', { messages: [asked], toolConfig: { tools: [sum], toolChoice: { tool: { name: 'other' } } } }, 'other is no tool'],
    ['a blank system prompt', { messages: [asked], system: [{ text: ' ' }] }, 'system.0 is blank'],
    ['no tokens', { messages: [asked], inferenceConfig: { maxTokens: 0 } }, 'maxTokens: must be a positive integer'],
  ])('is refused with %s', (_title, body, message) => {
    expect(reading(() => readRequest(body, 'any'))).toEqual({ valid: false, message: expect.stringContaining(message) });
  });

  test('is taken at the edge of those rules', () => {
    const id = 'a_.:-'.padEnd(64, '0');
    const messages = [asked, assistant(call(id)), user(result(id)), assistant(said), asked];
    const toolConfig = { tools: [sum], toolChoice: { tool: { name: 'get-sum' } } };
    expect(reading(() => readRequest({ messages, toolConfig }, 'any'))).toMatchObject({ valid: true, value: { toolChoice: 'tool' } });
  });
});
