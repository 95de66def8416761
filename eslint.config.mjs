import rxjsX from 'eslint-plugin-rxjs-x';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { noMixedPipes } from './scripts/lint/no-mixed-pipes.mjs';
import { storedObservables } from './scripts/lint/stored-observables.mjs';

const library = ['src/**/*.ts', 'operators/**/*.ts'];
const tests = ['test/**/*.ts', 'marble-tests/**/*.ts'];

// A later `no-restricted-syntax` replaces an earlier one, so each part of the code lists all that holds there.
const everywhere = [
  { selector: 'TSEnumDeclaration', message: 'Use a union of string literals: it is its own JSON and costs no code.' },
  { selector: 'ExportAllDeclaration', message: 'Name what is exported: a star makes a helper public by accident.' },
];
const madeByHand = [
  {
    selector: "NewExpression[callee.name='Observable']",
    message: 'Compose from existing operators; what cannot be composed lives in src/internal.',
  },
];
const timeAndChance = [
  { selector: "NewExpression[callee.name='AbortController']", message: 'Use withSignal of src/internal/abort.ts.' },
  {
    selector: "MemberExpression[object.name='AbortSignal'][property.name='timeout']",
    message: 'Real time: use the timeout operator of rxjs.',
  },
  {
    selector: ":matches(MemberExpression[object.name='Date'][property.name='now'], NewExpression[callee.name='Date'][arguments.length=0])",
    message: 'Use now() of src/internal/clock.ts: it is virtual in a marble test.',
  },
  {
    selector: "MemberExpression[object.name='performance'][property.name='now']",
    message: 'Use now() of src/internal/clock.ts: it is virtual in a marble test.',
  },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Use random() of src/internal/ids.ts: tests pin it.' },
  {
    selector: ":matches(MemberExpression[property.name='randomUUID'], ImportSpecifier[imported.name='randomUUID'])",
    message: 'Use newId() of src/internal/ids.ts: tests pin it.',
  },
  {
    selector: 'CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate|queueMicrotask)$/]',
    message: 'Use timer, interval or a scheduler of rxjs: they are virtual in a marble test.',
  },
  { selector: 'ImportDeclaration[source.value=/^(node:)?timers/]', message: 'Use timer of rxjs: it is virtual in a marble test.' },
];
const promises = [
  {
    selector: ':matches(AwaitExpression, :function[async=true])',
    message: 'A promise is invisible in virtual time: adapt it at the edge, by observe() of src/internal.',
  },
];

const importRules = {
  patterns: [
    { regex: '^\\.{1,2}/(?!.*\\.(js|json)$)', message: 'Node needs the ending: write .js.' },
    { regex: '^fp-ts(?!/lib/\\w+\\.js$)', message: "Node finds only the long form, as in 'fp-ts/lib/Either.js'." },
    { regex: '^io-ts/(?!lib/\\w+\\.js$)', message: "Node finds only the long form, as in 'io-ts/lib/PathReporter.js'." },
    {
      regex: '^io-ts/lib/(Codec|Decoder|Encoder|Eq|Guard|Kleisli|Schema\\w*|TaskDecoder|Type)\\.js$',
      message: 'Only the stable module of io-ts.',
    },
  ],
};

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.cache/', '**/.build/', 'bench/peers/clients/'] },
  // Packages of their own: their types come from frameworks that are not installed here. Each is compiled where it stands.
  { ignores: ['nestjs', 'redux-observable', 'ngrx-effect', 'angular-signals'].map((name) => `examples/${name}/`) },
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, rxjsX.configs.strict],
    plugins: { coldstream: { rules: { 'no-mixed-pipes': noMixedPipes, 'stored-observables': storedObservables } } },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-restricted-imports': ['error', importRules],
      'no-restricted-syntax': ['error', ...everywhere],
      'coldstream/no-mixed-pipes': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false }],
      // `as const` is not an assertion to this rule.
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidOperator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // `const value: Json = JSON.parse(text)` says what it is; any other use of an untyped value is caught by the other rules.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // It takes declarations at their word: it does not see that a callback changes a variable, nor that a wire lies.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Errors of others are passed on as they are.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true, allowRethrowing: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      'rxjs-x/throw-error': ['error', { allowThrowingUnknown: true }],
      'rxjs-x/ban-operators': ['error', { share: 'use connect', shareReplay: 'it outlives its subscribers; use connect' }],
      'rxjs-x/ban-observables': ['error', { fromEvent: 'it misses a signal that is already aborted; use untilAborted' }],
      'rxjs-x/no-ignored-subscription': 'error',
    },
  },
  {
    files: library,
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...everywhere, ...madeByHand, ...timeAndChance],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      'coldstream/stored-observables': 'error',
    },
  },
  {
    files: ['src/agent/**/*.ts', 'src/resilience/**/*.ts', 'operators/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, ...madeByHand, ...timeAndChance, ...promises] },
  },
  { files: ['src/internal/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...everywhere] } },
  {
    files: ['src/cli/**/*.ts', 'src/mock-server/**/*.ts'],
    rules: { 'no-console': 'off', 'no-restricted-syntax': ['error', ...everywhere, ...madeByHand] },
  },
  {
    files: [...tests, 'examples/**/*.ts', 'scripts/**/*.ts'],
    rules: {
      'rxjs-x/no-ignored-subscription': 'off',
      'rxjs-x/no-ignored-default-value': 'off',
      'rxjs-x/no-ignored-error': 'off',
    },
  },
  {
    // Matchers and broken input are loosely typed; what is under test is not.
    files: tests,
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'rxjs-x/no-exposed-subjects': 'off',
      'rxjs-x/no-nested-subscribe': 'off',
      'rxjs-x/throw-error': 'off',
    },
  },
  {
    // Who adds members to another's interface repeats its namespace and its parameters, and may have nothing to say of them.
    files: ['test/**/*.d.ts', 'scripts/consumer/jest/*.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-namespace': 'off',
    },
  },
  // A type test has variables for the sake of their types.
  { files: ['test/**/*.types.ts'], rules: { '@typescript-eslint/no-unused-vars': 'off' } },
);
