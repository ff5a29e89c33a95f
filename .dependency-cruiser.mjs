// The direction of imports between rooms (docs/architecture.md draws the same arrows).
// A room may import the rooms listed for it, src/errors.ts, and nothing else of src/; from outside, only its index.ts.
const rooms = {
  grammars: [],
  automata: [],
  grammar: ['automata'],
  frontends: ['automata', 'grammar'],
  tokenizer: [],
  masks: ['automata', 'tokenizer'],
  matcher: ['automata', 'tokenizer', 'masks'],
  builder: ['automata', 'grammar', 'frontends'],
  explain: ['automata', 'grammar', 'frontends'],
  compile: ['automata', 'grammar', 'frontends', 'builder', 'explain', 'tokenizer', 'matcher'],
  'compile-threads': ['builder', 'compile'],
  native: [],
  package: [],
  'tokenizer-files': ['tokenizer', 'native', 'package'],
  engine: [
    'automata',
    'frontends',
    'tokenizer',
    'tokenizer-files',
    'matcher',
    'builder',
    'compile',
    'compile-threads',
    'native',
  ],
  tools: ['grammar', 'frontends'],
  server: ['engine', 'tools', 'compile', 'tokenizer', 'package'],
  cli: ['engine', 'tools', 'compile', 'explain', 'grammars', 'tokenizer', 'server', 'matcher', 'package'],
};
const portable = [
  'automata',
  'grammar',
  'frontends',
  'tokenizer',
  'masks',
  'matcher',
  'builder',
  'explain',
  'compile',
  'tools',
  'grammars',
];

const arrows = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room}-imports-only-what-it-may`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(errors\\.ts$|(${[room, ...allowed].join('|')})/)` },
}));
const doors = Object.keys(rooms)
  .filter((room) => room !== 'frontends')
  .map((room) => ({
    name: `${room}-is-entered-by-its-door`,
    severity: 'error',
    from: { path: '^src/', pathNot: `^src/${room}/` },
    to: { path: `^src/${room}/`, pathNot: `^src/${room}/index\\.ts$` },
  }));

export default {
  forbidden: [
    ...arrows,
    ...doors,
    {
      name: 'front-ends-are-entered-by-their-doors',
      severity: 'error',
      from: { path: '^src/(?!frontends/)' },
      to: { path: '^src/frontends/', pathNot: '^src/frontends/[^/]+/index\\.ts$' },
    },
    {
      name: 'runs-in-a-browser',
      comment: 'Nothing up to and including the matcher imports Node or native code.',
      severity: 'error',
      from: { path: `^src/(${portable.join('|')})/` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'the-page-knows-the-protocol-alone',
      comment: "The playground's page shares with the server the types of what they say to each other.",
      severity: 'error',
      from: { path: '^playground/' },
      to: { path: '^src/', pathNot: '^src/server/playground/protocol\\.ts$' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: { path: '^(src|playground)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
