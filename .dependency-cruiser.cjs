/**
 * The layers, top first; an import points up this list only. CONTRIBUTING.md gives the reasons.
 *   L0  src/events, src/messages, src/errors
 *   L1  src/internal, src/provider.ts, operators
 *   L2  src/providers/*, src/tools, src/resilience, src/node-fetch
 *   L3  src/agent
 *   L4  src/transports, src/testing, src/cli, src/mock-server, src/file-history
 */
const layers = {
  L0: '^src/(events|messages|errors)/',
  L1: '^(src/internal/|src/provider\\.ts$|operators/)',
  L2: '^src/(providers|tools|resilience|node-fetch)/',
  L3: '^src/agent/',
  L4: '^src/(transports|testing|cli|mock-server|file-history)/',
};
const below = (...names) => names.map((name) => layers[name]).join('|');
const rootIndex = '^src/index\\.ts$';
const rxjs = '^rxjs(/|$)|node_modules/rxjs/';

/** An index serves those outside its folder. From inside it makes a cycle sooner or later. */
const ownIndex = [
  'src/(?:events|messages|errors|internal|resilience|node-fetch|agent|testing|cli|mock-server|file-history)',
  'src/(?:providers|tools|transports)',
  'src/(?:providers|tools|transports)/[^/]+',
  'operators',
].map((folder) => ({
  name: 'no-own-index',
  severity: 'error',
  comment: 'Code inside a folder imports the file it needs, never the index of its own folder.',
  from: { path: `^(${folder})/` },
  to: { path: '^$1/index\\.ts$' },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'A cycle makes the order of loading part of the behaviour.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      comment: 'An import that leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'L0-imports-L0-only',
      severity: 'error',
      comment: 'What flows knows nothing of what moves it.',
      from: { path: layers.L0 },
      to: { path: below('L1', 'L2', 'L3', 'L4') },
    },
    {
      name: 'L0-is-pure',
      severity: 'error',
      comment: 'Events, messages and errors outlive any version of rxjs, so they do not import it.',
      from: { path: layers.L0 },
      to: { path: rxjs },
    },
    {
      name: 'codecs-at-borders-only',
      severity: 'error',
      comment: 'A codec costs more than the event that it checks; operators are on the hot path and in browsers.',
      from: { path: '^operators/' },
      to: { path: '^src/.*codec[^/]*\\.ts$' },
    },
    {
      name: 'operators-import-L0-and-rxjs',
      severity: 'error',
      comment: 'An operator works on any stream of events, whatever made it.',
      from: { path: '^operators/' },
      to: { pathNot: [layers.L0, '^operators/', rxjs] },
    },
    {
      name: 'L1-imports-up',
      severity: 'error',
      comment: 'Imports point up the layers.',
      from: { path: layers.L1 },
      to: { path: below('L2', 'L3', 'L4') },
    },
    {
      name: 'internal-imports-no-operator',
      severity: 'error',
      comment: 'The operators stand on what flows, and nothing that they stand on may need them.',
      from: { path: '^src/(internal/|provider\\.ts$)' },
      to: { path: '^operators/' },
    },
    {
      name: 'L2-imports-up',
      severity: 'error',
      comment: 'Imports point up the layers.',
      from: { path: layers.L2 },
      to: { path: below('L3', 'L4') },
    },
    {
      name: 'providers-know-no-sibling',
      severity: 'error',
      comment: 'A provider can be taken out whole; what two of them share goes to src/internal.',
      from: { path: '^src/providers/([^/]+)/' },
      to: { path: '^src/(providers|tools|resilience|node-fetch)/', pathNot: '^src/providers/$1/' },
    },
    {
      name: 'tools-and-resilience-know-no-sibling',
      severity: 'error',
      comment: 'The parts of this layer meet in the agent only.',
      from: { path: '^src/(tools|resilience)/' },
      to: { path: layers.L2, pathNot: '^src/$1/' },
    },
    {
      name: 'L3-imports-up',
      severity: 'error',
      comment: 'Imports point up the layers.',
      from: { path: layers.L3 },
      to: { path: layers.L4 },
    },
    {
      name: 'agent-knows-no-provider',
      severity: 'error',
      comment: 'The loop runs on any provider.',
      from: { path: layers.L3 },
      to: { path: '^src/providers/' },
    },
    {
      name: 'root-index-is-the-top',
      severity: 'error',
      comment: 'The root index gathers; only people outside import it.',
      from: { path: '^(src|operators)/', pathNot: rootIndex },
      to: { path: rootIndex },
    },
    {
      name: 'root-index-without-SDKs',
      severity: 'error',
      comment: "import 'coldstream' must work without any optional peer and without Node.",
      from: { path: rootIndex },
      to: { path: '^(src/(providers|transports|testing|cli|mock-server|file-history)/|src/tools/mcp/|operators/)' },
    },
    {
      name: 'examples-are-outsiders',
      severity: 'error',
      comment: 'An example imports what a user can import: public entry points.',
      from: { path: '^examples/' },
      to: { path: '^(src|operators|test|marble-tests|scripts)/', dependencyTypesNot: ['aliased-tsconfig-paths'] },
    },
    {
      name: 'library-imports-library',
      severity: 'error',
      comment: 'What is published must not need what is not.',
      from: { path: '^(src|operators)/' },
      to: { path: '^(test|marble-tests|examples|scripts)/' },
    },
    {
      name: 'library-declares-what-it-needs',
      severity: 'error',
      comment: 'A package of ours is a dependency or a peer, never one that happens to be installed.',
      from: { path: '^(src|operators)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional', 'type-only'] },
    },
    {
      name: 'browser-parts-without-node',
      severity: 'error',
      comment: 'The core, the operators and the client run in a browser.',
      from: { path: '^(src/(events|messages|errors|internal|resilience|agent|provider\\.ts|tools/[^/]+\\.ts|transports/sse|index\\.ts)|operators/)' },
      to: { dependencyTypes: ['core'] },
    },
    ...ownIndex,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Packages of their own, with dependencies that are not installed here, import the packed package.
    exclude: { path: '^(dist|examples/(nestjs|redux-observable|ngrx-effect|angular-signals))/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'node', 'default'],
    },
  },
};
