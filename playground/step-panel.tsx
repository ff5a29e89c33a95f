// One step: how many tokens the mask allowed, what was chosen, what the model would have liked, and what of it was forbidden.
import type { Alternative, InfoView } from '../src/server/playground/protocol.js';
import { atLeast, count, hex, percent, tokenLabel } from './format.js';
import { forbiddenProbability, type ShownStep } from './steps.js';

interface StepPanelProps {
  readonly step: ShownStep | undefined;
  readonly index: number;
  readonly length: number;
  readonly info: InfoView | undefined;
}

export function StepPanel({ step, index, length, info }: StepPanelProps) {
  if (!step)
    return (
      <section class="step" aria-label="Step">
        <h2>Step</h2>
        <p class="hint">Hover over a token, or focus the output and press → to walk along it.</p>
      </section>
    );
  return (
    <section class="step" aria-label="Step" id="step-panel">
      <h2>
        Step {index + 1} <small>of {length}</small>
      </h2>
      <p class="chosen">
        <code class={`token ${step.kind}`}>{tokenLabel(step)}</code>
        <span class="facts">
          id {step.id} · {step.bytes.length === 0 ? 'no bytes' : `bytes ${hex(step.bytes)}`}
        </span>
      </p>
      <MaskWidth allowed={step.allowed} vocabSize={info?.vocab_size ?? 0} />
      <p class={`why ${step.kind}`}>{reason(step, index, info)}</p>
      {step.alternatives && <Alternatives step={step} alternatives={step.alternatives} />}
    </section>
  );
}

function MaskWidth({ allowed, vocabSize }: { readonly allowed: number; readonly vocabSize: number }) {
  if (allowed < 0)
    return (
      <p class="width">
        No constraint: all <strong>{count(vocabSize)}</strong> tokens
      </p>
    );
  return (
    <p class="width">
      The mask allowed <strong>{count(allowed)}</strong> of {count(vocabSize)} tokens{' '}
      <small>({percent(allowed / Math.max(1, vocabSize))})</small>
    </p>
  );
}

function reason(step: ShownStep, index: number, info: InfoView | undefined): string {
  if (step.kind === 'forced') {
    const jumped = step.alternatives === undefined && info?.jump_forward === true && index > 0;
    return jumped
      ? 'Forced, and appended by jump-forward: the model was not run for it.'
      : `Forced: the mask left no other token.${disagreement(step)}`;
  }
  if (step.kind === 'dictated')
    return `Forced text: these bytes had to come next; tokens differ in how far they go.${disagreement(step)}`;
  if (step.kind === 'steered')
    return `Steered: the mask forbade the model’s favourite, and ${atLeast(forbiddenProbability(step))} of its probability.`;
  if (step.alternatives === undefined) return 'Chosen by the model. No probabilities were asked for.';
  if (step.allowed < 0) return 'Chosen by the model.';
  const forbidden = forbiddenProbability(step);
  return forbidden > 0
    ? `Chosen by the model; the mask took ${atLeast(forbidden)} of its probability.`
    : 'Chosen by the model; the mask forbade none of its favourites.';
}

/** Of a forced token: what the model would have liked better. */
function disagreement({ alternatives = [] }: ShownStep): string {
  const [favourite] = alternatives;
  return favourite?.allowed === false ? ` The model would have preferred ${tokenLabel(favourite)}.` : '';
}

function Alternatives({
  step,
  alternatives,
}: {
  readonly step: ShownStep;
  readonly alternatives: readonly Alternative[];
}) {
  const isListed = alternatives.some(({ id }) => id === step.id);
  const chosen: Alternative = { ...step, logprob: step.logprob ?? Number.NEGATIVE_INFINITY, allowed: true };
  const rows = isListed ? alternatives : [...alternatives, chosen];
  return (
    <table class="alternatives">
      <caption>The model’s own distribution, before mask and temperature</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">Token</th>
          <th scope="col">Probability</th>
          <th scope="col">Mask</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id} row={row} isChosen={row.id === step.id} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row, isChosen }: { readonly row: Alternative; readonly isChosen: boolean }) {
  const probability = Math.exp(row.logprob);
  const verdict = row.allowed === null ? 'unknown' : row.allowed ? 'allowed' : 'forbidden';
  return (
    <tr class={`${verdict}${isChosen ? ' taken' : ''}`}>
      <td>
        {row.allowed === false ? (
          <s>
            <code>{tokenLabel(row)}</code>
          </s>
        ) : (
          <code>{tokenLabel(row)}</code>
        )}
      </td>
      <td class="probability">
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <rect width={Math.max(0.6, 100 * probability)} height={10} />
        </svg>
        <span>{percent(probability)}</span>
      </td>
      <td class="mark">{isChosen ? 'chosen' : verdict}</td>
    </tr>
  );
}
