// What units/shared_grammars.cc reads: a vocabulary, grammars, and along outputs of each the masks of the plain walk.
import type { Machine } from '../../../src/automata/index.js';
import { type CompiledGrammar, compile } from '../../../src/compile/index.js';
import type { TokenizerImage } from '../../../src/tokenizer/index.js';
import { plainMatcher } from '../../support/compare-matchers.js';
import { largeVocabulary } from '../../support/large-vocabulary.js';
import { LEXEME_SCHEMAS } from '../../support/lexeme-schemas.js';
import { randomSentence, seededRandom } from '../../support/random-schema.js';
import { randomTokens } from '../../support/random-vocabulary.js';

const encoder = new TextEncoder();

/** Read by a lexer: its masks are walked. */
const LARK = { lark: 'start: (NAME "," NUMBER ";")+\nNAME: /[abnx]+/\nNUMBER: /-?[1-3]+/' };
const LARK_TEXT = 'nab,-123;x,2;';
/** Tokens by number beside text. */
const TAGGED = { structuralTag: { type: 'structural_tag', format: { type: 'token', token: 5 } } };
const TAGGED_TOKENS = [5];

interface Output {
  readonly grammar: CompiledGrammar;
  readonly tokens: readonly number[];
}

/** Up to three outputs of each grammar, of different lengths. */
function outputsOf(image: TokenizerImage, random: () => number): Output[][] {
  const ofSchemas = LEXEME_SCHEMAS.map((schema) => {
    const grammar = compile({ schema });
    return [60, 60, 200].flatMap((length) => {
      const sentence = randomSentence(grammar.machine as Machine, random, length);
      return sentence ? [{ grammar, tokens: randomTokens(sentence, image, random) }] : [];
    });
  });
  const lark = { grammar: compile(LARK), tokens: randomTokens(encoder.encode(LARK_TEXT), image, random) };
  const tagged = { grammar: compile(TAGGED), tokens: TAGGED_TOKENS };
  return [...ofSchemas.filter((outputs) => outputs.length > 0), [lark], [tagged]];
}

/** How many bytes, and the bytes filled up to whole words. */
function wordsOf(bytes: Uint8Array): number[] {
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return [bytes.length, ...new Int32Array(padded.buffer)];
}

function masksAlong({ grammar, tokens }: Output, image: TokenizerImage): number[] {
  const matcher = plainMatcher(grammar, image);
  const row = new Int32Array(matcher.words);
  return [...tokens, undefined].flatMap((token) => {
    const here = [matcher.fill(row), ...row];
    if (token !== undefined && !matcher.accept(token)) throw new Error(`token ${token} is refused`);
    return here;
  });
}

/** All as words: each list behind its length, each mask as its count and its row. */
export function sharedGrammars(seed: number): Int32Array {
  const random = seededRandom(seed);
  const image = largeVocabulary(random);
  const grammars = outputsOf(image, random);
  const words = [...wordsOf(new Uint8Array(image.buffer)), grammars.length];
  for (const outputs of grammars) {
    const { grammar } = outputs[0]!;
    const tokenSets = grammar.packedTokens(image);
    words.push(...wordsOf(grammar.image), tokenSets.length, ...tokenSets, outputs.length);
    for (const output of outputs)
      words.push(output.tokens.length, ...output.tokens, ...masksAlong(output, image));
  }
  return Int32Array.from(words);
}
