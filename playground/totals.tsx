// What a generation came to, in a row of figures.
import { count, duration, percent, short } from './format.js';
import type { Run } from './run.js';
import { totalsOf } from './steps.js';

export function Totals({ run }: { readonly run: Run }) {
  const { steps, end, request } = run;
  const totals = totalsOf(steps, end);
  const share = (part: number) => (totals.tokens === 0 ? '–' : percent(part / totals.tokens));
  const usage = end?.usage;
  return (
    <dl class="totals" aria-label="Figures of this output">
      <Figure name="Tokens" value={count(totals.tokens)} />
      <Figure
        name="Forced"
        value={share(totals.forced + totals.dictated)}
        mark="forced"
        title={`${totals.forced} tokens that alone were allowed, ${totals.dictated} of forced text`}
      />
      <Figure
        name="Steered"
        value={request?.alternatives == null ? '–' : share(totals.steered)}
        mark="steered"
        title="Tokens where the mask forbade the model’s favourite"
      />
      <Figure
        name="Tokens/s"
        value={totals.rate === undefined ? '–' : short(totals.rate)}
        title="After the first token"
      />
      <Figure name="First token" value={usage ? duration(usage.first_token_ms) : '–'} />
      <Figure
        name="Mask / token"
        value={totals.maskMicros === undefined ? '–' : duration(totals.maskMicros / 1000)}
        title={usage ? `${duration(usage.mask_ms)} in all` : ''}
      />
      <Figure
        name="Prompt cached"
        value={usage ? `${count(usage.cached_tokens)} / ${count(usage.prompt_tokens)}` : '–'}
        title="Prompt tokens whose keys and values came from the radix cache"
      />
      <Figure name="Ended by" value={endOf(run)} />
    </dl>
  );
}

function endOf({ end, phase }: Run): string {
  if (!end) return phase === 'failed' ? 'error' : phase === 'done' ? 'you' : '–';
  if (end.finish_reason === 'abort') return 'you';
  if (end.finish_reason === 'length') return 'length';
  return typeof end.matched_stop === 'number'
    ? 'end token'
    : end.matched_stop === null
      ? 'grammar'
      : 'stop text';
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly title?: string;
  readonly mark?: 'forced' | 'steered';
}

function Figure({ name, value, title = '', mark }: FigureProps) {
  return (
    <div title={title}>
      <dt>
        {mark && <span class={`swatch ${mark}`} aria-hidden="true" />}
        {name}
      </dt>
      <dd>{value}</dd>
    </div>
  );
}
