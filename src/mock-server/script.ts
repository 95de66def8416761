import { readConversation, type AnsweredCall } from './conversation.js';
import { lastNumberIn, valueOf } from './numbers.js';
import type { MockRequest, MockTool } from './request.js';
import { tasksIn, type Task } from './tasks.js';
import { numberParameters, progressToolOf, sumToolOf } from './tools.js';
import type { Turn, TurnBlock } from './turn.js';

/** How far one task has come: a call to make, or what there is to say of it. */
interface Step {
  readonly say: string;
  readonly call?: Extract<TurnBlock, { type: 'tool_use' }>;
}

/** A script: what the stand-in answers to a request. */
export type Script = (request: MockRequest) => Turn;

const standIn = 'I am a scripted stand-in for a model server, not a model';

/** The first words of a text, quoted; escapes come with the quotes. */
function quote(text: string): string {
  const characters = Array.from(text);
  return JSON.stringify(characters.length > 80 ? `${characters.slice(0, 79).join('')}\u2026` : text);
}

/** A call that somebody refused has an error for a result, as one that failed; the words tell them apart. */
const isDenied = ({ result }: AnsweredCall): boolean => /\b(?:was|were|been) denied\b/iu.test(result);

function failed(call: AnsweredCall): string {
  const said = call.result === '' ? 'nothing.' : call.result;
  return isDenied(call)
    ? `I may not use ${call.name}, so I leave that undone and cannot tell. I was told: ${said}`
    : `The tool ${call.name} failed, so I cannot tell. It said: ${said}`;
}

/** Adds one number after the other; each sum is read from the tool's answer, never computed here. */
function sumStep(numbers: readonly number[], tool: MockTool | undefined, calls: readonly AnsweredCall[]): Step {
  const [first, ...others] = numbers;
  if (first === undefined || others.length === 0) {
    return { say: `${standIn}: I can have numbers added, but I need at least two of them, written in digits.` };
  }
  if (tool === undefined) return { say: 'I have no tool that adds numbers, so I cannot give you the sum.' };
  const [left, right] = numberParameters(tool);
  if (left === undefined || right === undefined) return { say: `The tool ${tool.name} does not take two numbers.` };
  const broken = calls.find((call) => call.isError);
  if (broken !== undefined) return { say: failed(broken) };

  const latest = calls.at(-1);
  const written = latest === undefined ? String(first) : lastNumberIn(latest.result);
  const sum = written === null ? NaN : valueOf(written);
  if (written === null || !Number.isFinite(sum)) {
    return { say: `I find no number in the answer of ${tool.name}. It said: ${latest?.result ?? ''}` };
  }
  const next = others[calls.length];
  if (next === undefined) return { say: `${numbers.join(' plus ')} is ${written}.` };
  return {
    say: latest === undefined ? `I will have ${tool.name} add ${first} and ${next}.` : `That is ${written} so far; now ${next}.`,
    call: { type: 'tool_use', name: tool.name, input: { [left]: sum, [right]: next } },
  };
}

function operationStep(task: Extract<Task, { type: 'operation' }>, tool: MockTool | undefined, calls: readonly AnsweredCall[]): Step {
  if (tool === undefined) return { say: 'I have no tool for a long operation, so I cannot run one.' };
  const latest = calls.at(-1);
  if (latest?.isError === true) return { say: failed(latest) };
  if (latest !== undefined) return { say: `The operation is over. ${tool.name} said: ${latest.result}` };
  const parameters = numberParameters(tool);
  const duration = parameters.find((name) => /duration|seconds|time/iu.test(name));
  const steps = parameters.find((name) => /steps|count/iu.test(name));
  const input = {
    ...(duration === undefined ? {} : { [duration]: task.seconds }),
    ...(steps === undefined ? {} : { [steps]: task.steps }),
  };
  return {
    say: `I will have ${tool.name} run for ${task.seconds} s in ${task.steps} steps.`,
    call: { type: 'tool_use', name: tool.name, input },
  };
}

function stepOf(task: Task, request: MockRequest, calls: readonly AnsweredCall[]): Step {
  const tool = task.type === 'sum' ? sumToolOf(request.tools) : progressToolOf(request.tools);
  const own = calls.filter((call) => call.name === tool?.name);
  return task.type === 'sum' ? sumStep(task.numbers, tool, own) : operationStep(task, tool, own);
}

function openAnswer(question: string): string {
  const asked = question === '' ? '' : ` You said ${quote(question)}, and I have no answer to that.`;
  return (
    `${standIn}.${asked} What I can do is use the tools that I am offered: ask me to add numbers ` +
    `("what is 17 plus 25"), or to run a long operation, which reports its progress.`
  );
}

const text = (content: string): Turn => ({ content: [{ type: 'text', text: content }] });

/**
 * The script that is played unless another is given. A prompt about adding numbers makes it call an offered sum tool,
 * one about a long operation an offered tool that reports progress; both at once where both are asked. What it says of
 * a result it reads from the tool's answer. Everything else it answers in text, as the scripted stand-in that it is.
 */
export function defaultScript(request: MockRequest): Turn {
  const { question, calls } = readConversation(request);
  const tasks = tasksIn(question);
  if (tasks.length === 0) return text(openAnswer(question));

  const steps = tasks.map((task) => stepOf(task, request, calls));
  const open = steps.filter((step) => step.call !== undefined);
  if (open.length === 0) return text(steps.map((step) => step.say).join('\n'));
  if (request.toolChoice === 'none') {
    const done = steps.filter((step) => step.call === undefined).map((step) => step.say);
    return text([...done, 'I may call no more tools, so the rest stays undone.'].join('\n'));
  }
  // What is already known is kept for the last turn; a turn that calls tools only announces them.
  const announcement: TurnBlock = { type: 'text', text: open.map((step) => step.say).join(' ') };
  return { content: [announcement, ...open.flatMap((step) => (step.call === undefined ? [] : [step.call]))] };
}
