// llama.cpp's token references: `<[1000]>` by id, `<think>` by the token's text, brackets included; `!` for any other token.
import type { TokenSet } from '../../grammar/index.js';

/** The tokens that a reference stands for; `image` is the whole of it. */
export function referencedTokens(image: string): TokenSet {
  const except = image.startsWith('!');
  const text = except ? image.slice(1) : image;
  const id = /^<\[\s*(\d+)\s*\]>$/.exec(text)?.[1];
  return { except, tokens: [id === undefined ? text : Number(id)] };
}
