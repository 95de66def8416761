import type { StreamEvent } from '../events/events.js';
import type { ContentBlock, Message } from '../messages/message.js';
import type { Usage } from '../messages/usage.js';

const quoted = (value: unknown): string => JSON.stringify(value);

function wordsOfBlock(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return quoted(block.text);
    case 'thinking':
      return `thinking ${quoted(block.thinking)}`;
    case 'tool_use':
      return `${block.name} ${quoted(block.input)} (${block.id})`;
    case 'tool_result':
      return `${block.isError ? 'failed' : 'result'} ${wordsOfBlocks(block.content)} (${block.toolUseId})`;
    default:
      return block.type;
  }
}

function wordsOfBlocks(content: readonly ContentBlock[]): string {
  return content.length === 0 ? 'nothing' : content.map(wordsOfBlock).join(', ');
}

const wordsOfUsage = (usage: Usage | null): string => (usage === null ? 'no usage' : `${usage.inputTokens} in, ${usage.outputTokens} out`);

const wordsOfMessages = (messages: readonly Message[]): string =>
  messages.map(({ role, content }) => (role === 'user' ? wordsOfBlocks(content) : `${role} ${wordsOfBlocks(content)}`)).join(', ');

/** What a call's events say beside the call itself. */
function wordsOfCall(event: Extract<StreamEvent, { readonly content: { readonly id: string; readonly name: string } }>): string {
  switch (event.type) {
    case 'tool_input_start':
    case 'tool_use_end':
      return '';
    case 'tool_use_start':
      return event.content.inputError === undefined ? quoted(event.content.input) : `invalid ${quoted(event.content.inputError.text)}`;
    case 'server_tool_use':
      return quoted(event.content.input);
    case 'tool_progress': {
      const { id: _id, name: _name, ...report } = event.content;
      return quoted(report);
    }
    case 'tool_approval': {
      const { decision, reason } = event.content;
      return reason === undefined ? decision : `${decision} ${quoted(reason)}`;
    }
    case 'tool_result':
      return `${event.content.isError ? 'failed ' : ''}${wordsOfBlocks(event.content.content)}`;
    case 'server_tool_result':
      return `${event.content.isError ? 'failed ' : ''}${quoted(event.content.content)}`;
  }
}

/** What an event says beside its type. */
function payload(event: StreamEvent): string {
  switch (event.type) {
    case 'text_delta':
    case 'thinking':
    case 'citation':
      return quoted(event.content);
    case 'tool_input_delta':
      return `${quoted(event.content.delta)} (${event.content.id})`;
    case 'run_start':
      return wordsOfMessages(event.input);
    case 'iteration_start':
      return '';
    case 'usage':
      return wordsOfUsage(event.usage);
    case 'message':
      return `${event.message.role} ${wordsOfBlocks(event.message.content)}`;
    case 'retry': {
      const { attempt, delayMs, error, discard, to } = event.content;
      return `after attempt ${attempt} (${error.code} ${quoted(error.message)}), in ${delayMs} ms${to === undefined ? '' : `, with ${to}`}${discard ? ', discarding' : ''}`;
    }
    case 'raw':
      return `${event.content.provider} ${quoted(event.content.event)}`;
    case 'custom':
      return `${event.name} ${quoted(event.content)}`;
    case 'iteration_end':
      return `${event.stopReason ?? 'no stop reason'}, ${wordsOfUsage(event.usage)}`;
    case 'complete':
      return `${event.stopReason ?? 'no stop reason'}, ${wordsOfUsage(event.usage)}, iterations ${event.iterations}`;
    case 'error':
      return `${event.content.code} ${quoted(event.content.error)}, ${wordsOfUsage(event.usage)}`;
    default:
      return `${event.content.name} ${wordsOfCall(event)} (${event.content.id})`;
  }
}

/** An event in few words: its type, and what tells it from others of that type. Fails for what is no event. */
export function wordsOfEvent(event: StreamEvent): string {
  const where = event.path.length === 0 ? '' : ` at ${event.path.join('/')}`;
  return `${event.type} ${payload(event)}`.replace(/ +/g, ' ').trim() + where;
}
