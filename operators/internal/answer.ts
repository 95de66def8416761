import type { StreamEvent } from '../../src/events/events.js';
import type { ContentBlock, Message } from '../../src/messages/message.js';

/** What the model has said, folded event by event. */
export interface Answer {
  take(event: StreamEvent): void;
  /** Whether the model has said anything or the run has completed: with neither there is no answer, not even `''`. */
  begun(): boolean;
  /** The answer's text: that of the model's last turn. */
  text(): string;
  /** The thinking of all turns. */
  thinking(): string;
}

function joined(message: Message, read: (block: ContentBlock) => string): string {
  return message.content.map(read).join('');
}

const textOf = (block: ContentBlock): string => (block.type === 'text' ? block.text : '');
const thinkingOf = (block: ContentBlock): string => (block.type === 'thinking' ? block.thinking : '');

const nothing = { text: '', thinking: '', told: false };

/**
 * Folds the run's own turns. A whole message replaces its deltas. What the model says after a user-role message (tool
 * results, a prompt of the agent's) is a new answer, whereas a turn that was paused and resumed is one in two messages.
 * Deltas that are discarded have never been: what was said before them stands.
 *
 * @param depth of the path whose turns are folded; the events of a sub-agent's one path are given to an answer of its own
 */
export function foldAnswer(depth = 0): Answer {
  let said = { text: '', thinking: '' };
  /** The turn under way, in deltas. */
  let running = { ...nothing };
  let iteration = -1;
  let begun = false;
  /** A user-role message has come: what the model says next takes the place of what it said before. */
  let replied = false;

  const drop = (): void => {
    running = { ...nothing };
  };
  /** Closes the turn under way where no message of the model's did. */
  const close = (): void => {
    begun ||= running.told;
    drop();
  };
  const follow = (event: StreamEvent): void => {
    if (event.iteration !== iteration) close();
    iteration = event.iteration;
    running.told = true;
  };
  const say = (message: Message): void => {
    if (replied) said.text = '';
    replied = false;
    begun = true;
    said.text += joined(message, textOf);
    said.thinking += joined(message, thinkingOf);
    drop();
  };

  return {
    begun: () => begun || running.told,
    text: () => (replied && running.told ? running.text : said.text + running.text),
    thinking: () => said.thinking + running.thinking,
    take: (event) => {
      if (event.path.length !== depth) return;
      if (event.type === 'text_delta') {
        follow(event);
        running.text += event.content;
      } else if (event.type === 'thinking') {
        follow(event);
        running.thinking += event.content;
      } else if (event.type === 'message' && event.message.role === 'user') {
        replied = true;
        close();
      } else if (event.type === 'message') {
        say(event.message);
      } else if (event.type === 'retry' && event.content.discard) {
        drop();
      } else if (event.type === 'complete') {
        begun = true;
      } else if (event.type === 'run_start') {
        said = { text: '', thinking: '' };
        close();
      }
    },
  };
}
