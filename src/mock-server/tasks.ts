import { numbersIn } from './numbers.js';

/** Something that the default script knows how to do. */
export type Task =
  | { readonly type: 'sum'; readonly numbers: readonly number[] }
  | { readonly type: 'operation'; readonly seconds: number; readonly steps: number };

const addsNumbers = /\b(?:add(?:s|ed|ing|ition)?|plus|sum(?:s|med|ming)?|total|together)\b|\d\s*\+\s*[-\u2212.\d(]/iu;
const sumOperation = /\b(?:sum|add(?:ing|ition)?|plus)\s+operation\b/giu;
const runsOperation =
  /\b(?:long|short|quick|brief|slow)\b[^.?!]{0,30}\b(?:operation|task|job)\b|\blong[- ]?running\b|\b(?:run|start|trigger|launch|perform)\b[^.?!]{0,40}\boperation\b|\bprogress\b/iu;

const secondsPhrase = /(\d+(?:\.\d+)?)[\s-]*(?:seconds?|secs?|s)\b/iu;
const stepsPhrase = /(\d+)[\s-]*steps?\b/iu;
const minutesPhrase = /(\d+(?:\.\d+)?)[\s-]*(?:minutes?|mins?)\b/iu;

/** How long an operation takes where the prompt gives no number: long enough to be interrupted, or quick. */
function defaultPace(prompt: string): { readonly seconds: number; readonly steps: number } {
  if (/\b(?:short|quick|brief)\b/iu.test(prompt)) return { seconds: 2, steps: 4 };
  if (/\blong\b/iu.test(prompt)) return { seconds: 12, steps: 12 };
  return { seconds: 3, steps: 6 };
}

const firstNumber = (phrase: RegExp, prompt: string): number | undefined => {
  const digits = phrase.exec(prompt)?.[1];
  return digits === undefined || Number(digits) <= 0 ? undefined : Number(digits);
};

function operationOf(prompt: string): Task {
  const pace = defaultPace(prompt);
  const minutes = firstNumber(minutesPhrase, prompt);
  const seconds = firstNumber(secondsPhrase, prompt) ?? (minutes === undefined ? undefined : minutes * 60);
  return { type: 'operation', seconds: seconds ?? pace.seconds, steps: firstNumber(stepsPhrase, prompt) ?? pace.steps };
}

/** What a prompt asks for, sum first; empty where it is anything else. */
export function tasksIn(prompt: string): readonly Task[] {
  const operation = runsOperation.test(prompt.replace(sumOperation, 'sum'));
  const rest = operation ? [minutesPhrase, secondsPhrase, stepsPhrase].reduce((text, phrase) => text.replace(phrase, ' '), prompt) : prompt;
  const numbers = addsNumbers.test(rest) ? numbersIn(rest) : [];
  // With fewer than two numbers only a plain request to add is one: the script then says what it lacks.
  const asked = numbers.length > 1 || (!operation && /\b(?:add|plus|sum)\b/iu.test(rest));
  const sum: readonly Task[] = asked ? [{ type: 'sum', numbers }] : [];
  return operation ? [...sum, operationOf(prompt)] : sum;
}
