// How often a sampled draft would be kept, by scheme, from the logits of both models along the same texts:
//   together: draft and model sample with the same random number, as the engine does, so that outputs stay as they are;
//   greedy:   the draft model's most probable token is drafted;
//   residual: a sampled draft is kept with probability min(1, p/q) (Leviathan et al., arXiv:2211.17192), the best there is.
import { readFileSync } from 'node:fs';
import { EMBEDDED_MODEL } from '../../src/engine/index.js';
import { readModelFolder } from '../../src/engine/model-folder.js';
import { loadNative } from '../../src/native/index.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';

const TEMPERATURES = [0.3, 0.7, 1];

export interface Coupling {
  /** Answers, of which the model is nearly sure, or English prose, of which it is not. */
  readonly text: 'answers' | 'prose';
  readonly temperature: number;
  readonly together: number;
  readonly greedy: number;
  readonly residual: number;
}

/** A text, and the places in it after which tokens are predicted. */
interface Sample {
  readonly tokens: Int32Array;
  readonly from: number;
}

/** Along `rows` answers of the held-out extraction set, and along as many sentences; the draft model is the one in `draft`. */
export async function coupling(
  draft: string,
  rows: number,
  log: (line: string) => void,
): Promise<Coupling[]> {
  const addon = loadNative();
  const folders = [readModelFolder(EMBEDDED_MODEL), readModelFolder(draft)];
  const models = await Promise.all(folders.map(({ spec }) => addon.loadModel(spec)));
  const { tokenizer, spec } = folders[0];
  const results: Coupling[] = [];
  for (const text of ['answers', 'prose'] as const) {
    const samples = text === 'answers' ? answers(tokenizer, rows) : prose(tokenizer, rows);
    const sums = TEMPERATURES.map((temperature) => ({ temperature, together: 0, greedy: 0, residual: 0 }));
    let places = 0;
    for (const { tokens, from } of samples) {
      const [model, guesser] = await Promise.all(models.map((each) => addon.logits(each, tokens, 256)));
      for (let place = from; place < tokens.length - 1; place++, places++) {
        const row = (logits: Float32Array) =>
          logits.subarray(place * spec.vocabSize, (place + 1) * spec.vocabSize);
        for (const sum of sums) add(sum, row(model), row(guesser));
      }
    }
    for (const { temperature, together, greedy, residual } of sums) {
      const shares = [together, greedy, residual].map((sum) => sum / places);
      results.push({ text, temperature, together: shares[0], greedy: shares[1], residual: shares[2] });
      const [one, two, three] = shares.map((share) => `${(100 * share).toFixed(1)} %`);
      log(
        `${text} at temperature ${temperature}: kept ${one} with one random number, ${two} of greedy drafts, ${three} by the residual scheme`,
      );
    }
  }
  return results;
}

interface Sums {
  readonly temperature: number;
  together: number;
  greedy: number;
  residual: number;
}

function add(sums: Sums, model: Float32Array, guesser: Float32Array): void {
  const p = softmax(model, sums.temperature);
  const q = softmax(guesser, sums.temperature);
  sums.together += agreement(p, q);
  sums.greedy += p[q.indexOf(q.reduce((a, b) => Math.max(a, b)))];
  sums.residual += p.reduce((total, share, token) => total + Math.min(share, q[token]), 0);
}

function answers(tokenizer: Tokenizer, rows: number): Sample[] {
  return lines('../../models/sprout/eval/extract.jsonl', rows).map((line) => {
    const { messages, expected } = JSON.parse(line) as {
      messages: { role: string; content: string }[];
      expected: unknown;
    };
    const prompt = tokenizer.encode(tokenizer.applyChatTemplate(messages, {}), { addSpecialTokens: false });
    const answer = tokenizer.encode(JSON.stringify(expected), { addSpecialTokens: false });
    return { tokens: Int32Array.of(...prompt, ...answer), from: prompt.length - 1 };
  });
}

function prose(tokenizer: Tokenizer, rows: number): Sample[] {
  return lines('../../docs/architecture.md', rows).map((line) => ({
    tokens: tokenizer.encode(line),
    from: 0,
  }));
}

/** The first lines of a file that have some length. */
function lines(file: string, count: number): string[] {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text
    .split('\n')
    .filter((line) => line.length > 60)
    .slice(0, count);
}

function softmax(logits: Float32Array, temperature: number): Float64Array {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - most) / temperature));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** The chance that one number in [0, 1) chooses the same token of both, tokens lying side by side in the order of ids. */
function agreement(p: Float64Array, q: Float64Array): number {
  let total = 0;
  let left = 0;
  let right = 0;
  for (let token = 0; token < p.length; token++) {
    total += Math.max(0, Math.min(left + p[token], right + q[token]) - Math.max(left, right));
    left += p[token];
    right += q[token];
  }
  return total;
}
