// How often a sampled draft would be kept, by scheme, from the logits of both models along the same texts:
//   together: draft and model sample with the same random number, as the engine does, so that outputs stay as they are;
//   greedy:   the draft model's most probable token is drafted;
//   residual: a sampled draft is kept with probability min(1, p/q) (Leviathan et al., arXiv:2211.17192), the best there is.
import { readFileSync } from 'node:fs';
import { EMBEDDED_MODEL } from '../../src/engine/index.js';
import { readModelFolder } from '../../src/engine/model-folder.js';
import { loadNative } from '../../src/native/index.js';

const TEMPERATURES = [0.3, 0.7, 1];

export interface Coupling {
  readonly temperature: number;
  readonly together: number;
  readonly greedy: number;
  readonly residual: number;
}

/** Along `rows` answers of the held-out extraction set, the draft model being the one in `draft`. */
export async function coupling(
  draft: string,
  rows: number,
  log: (line: string) => void,
): Promise<Coupling[]> {
  const addon = loadNative();
  const folders = [readModelFolder(EMBEDDED_MODEL), readModelFolder(draft)];
  const models = await Promise.all(folders.map(({ spec }) => addon.loadModel(spec)));
  const { tokenizer, spec } = folders[0];
  const sums = TEMPERATURES.map((temperature) => ({ temperature, together: 0, greedy: 0, residual: 0 }));
  let places = 0;
  for (const { messages, expected } of answers(rows)) {
    const prompt = tokenizer.encode(tokenizer.applyChatTemplate(messages, {}), { addSpecialTokens: false });
    const answer = tokenizer.encode(JSON.stringify(expected), { addSpecialTokens: false });
    const text = Int32Array.of(...prompt, ...answer);
    const [model, guesser] = await Promise.all(models.map((each) => addon.logits(each, text, 256)));
    for (let place = prompt.length - 1; place < text.length - 1; place++, places++) {
      const row = (logits: Float32Array) =>
        logits.subarray(place * spec.vocabSize, (place + 1) * spec.vocabSize);
      for (const sum of sums) {
        const p = softmax(row(model), sum.temperature);
        const q = softmax(row(guesser), sum.temperature);
        sum.together += agreement(p, q);
        sum.greedy += p[q.indexOf(Math.max(...q))];
        sum.residual += p.reduce((total, share, token) => total + Math.min(share, q[token]), 0);
      }
    }
  }
  const results = sums.map(({ temperature, together, greedy, residual }) => ({
    temperature,
    together: together / places,
    greedy: greedy / places,
    residual: residual / places,
  }));
  for (const { temperature, together, greedy, residual } of results)
    log(
      `kept at temperature ${temperature}: ${percent(together)} with one random number, ${percent(greedy)} of greedy drafts, ${percent(residual)} by the residual scheme`,
    );
  return results;
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function answers(rows: number) {
  const file = new URL('../../models/sprout/eval/extract.jsonl', import.meta.url);
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(0, rows)
    .map((line) => JSON.parse(line) as { messages: { role: string; content: string }[]; expected: unknown });
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
