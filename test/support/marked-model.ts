// The embedded model's tokenizer with marks of calls as special tokens, and a model folder with it, for random weights.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMBEDDED_MODEL } from '../../src/engine/index.js';

/** Marks around calls, parameters and strings: whole tags, parts of tags, and one that stands in the middle of tags. */
export const CALL_MARKS = [
  '<|open|>',
  '<|close|>',
  '<|sep|>',
  '｜DSML｜',
  '<tool_call>',
  '</tool_call>',
  '<arg_key>',
  '</arg_key>',
  '<arg_value>',
  '</arg_value>',
  '<parameter=',
  '</parameter>',
  '<|"|>',
  ']<]minimax[>[',
];

const read = (file: string) => JSON.parse(readFileSync(join(EMBEDDED_MODEL, file), 'utf8'));

/** The tokenizer's files, with these marks behind its own tokens. */
export function markedTokenizer(marks: readonly string[]) {
  const tokenizer = read('tokenizer.json');
  const config = read('config.json');
  const added = marks.map((content, at) => ({
    ...tokenizer.added_tokens[0],
    id: config.vocab_size + at,
    content,
  }));
  return {
    tokenizerJson: { ...tokenizer, added_tokens: [...tokenizer.added_tokens, ...added] },
    tokenizerConfig: read('tokenizer_config.json'),
    config: { ...config, vocab_size: config.vocab_size + marks.length },
  };
}

/** Writes the model without its weights to a new folder. The caller removes it. */
export function writeMarkedModel(marks: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-marked-'));
  const { tokenizerJson, tokenizerConfig, config } = markedTokenizer(marks);
  const files = {
    'config.json': config,
    'tokenizer.json': tokenizerJson,
    'tokenizer_config.json': tokenizerConfig,
  };
  for (const [file, content] of Object.entries(files))
    writeFileSync(join(folder, file), JSON.stringify(content));
  return folder;
}
