// Door of the explain room: grammars and refusals in words and diagrams.
export type { ActiveRule, Expected, ExpectedLiteral } from './expected.js';
export {
  type Explained,
  type ExplainedKeyword,
  Explainer,
  type GrammarExplanation,
  type TextExplanation,
} from './explainer.js';
export type { GrammarOrigin, SourceKind } from './origin.js';
export type { RailroadOptions } from './railroad/railroad.js';
