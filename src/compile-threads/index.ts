// Door of the room that compiles without holding up the calling thread.
export {
  type AsyncCompileOptions,
  compileAsync,
  GrammarCompiler,
  type GrammarCompilerOptions,
} from './grammar-compiler.js';
export { DEFAULT_COMPILER_LIMITS } from './limits.js';
export { Turns } from './turns.js';
