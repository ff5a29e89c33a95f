// The output, a span a token: hovering shows its step, a click or the arrow keys hold it. Above it, how many tokens the mask
// allowed at each step.
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { tokenLabel } from './format.js';
import type { Run } from './run.js';
import type { ShownStep } from './steps.js';

/** Spans are made anew by the block, so that a long output costs its last block. */
const BLOCK = 64;

interface OutputProps {
  readonly run: Run;
  /** The step that is shown. */
  readonly selected: number | undefined;
  readonly onHover: (step: number | undefined) => void;
  readonly onHold: (step: number | undefined) => void;
}

export function Output({ run, selected, onHover, onHold }: OutputProps) {
  const { steps, phase } = run;
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (phase === 'running' && isAtEnd.current) list.current!.scrollTop = list.current!.scrollHeight;
  }, [steps.length, phase]);
  const stepOf = (event: Event) => {
    const found = (event.target as Element).closest<HTMLElement>('[data-step]');
    return found ? Number(found.dataset.step) : undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = keyTarget(event.key, selected ?? -1, steps.length);
    if (to === undefined) return;
    event.preventDefault();
    onHold(to < 0 ? undefined : to);
    document.getElementById(`step-${to}`)?.scrollIntoView({ block: 'nearest' });
  };
  const blocks = Math.ceil(steps.length / BLOCK);
  return (
    <div
      class="output"
      ref={list}
      role="listbox"
      aria-label="Output, token by token"
      tabIndex={0}
      {...(selected !== undefined && { 'aria-activedescendant': `step-${selected}` })}
      onMouseMove={(event) => onHover(stepOf(event))}
      onMouseLeave={() => onHover(undefined)}
      onClick={(event) => onHold(stepOf(event))}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 8;
      }}
    >
      {Array.from({ length: blocks }, (_, index) => (
        <Block key={index} steps={steps} from={index * BLOCK} selected={selected} />
      ))}
      {(phase === 'waiting' || phase === 'running') && <span class="caret" aria-hidden="true" />}
      {steps.length === 0 && phase === 'idle' && (
        <span class="empty">Load an example or write a prompt, then generate.</span>
      )}
    </div>
  );
}

function keyTarget(key: string, at: number, length: number): number | undefined {
  if (length === 0) return undefined;
  if (key === 'ArrowRight' || key === 'ArrowDown') return Math.min(length - 1, at + 1);
  if (key === 'ArrowLeft' || key === 'ArrowUp') return Math.max(0, at - 1);
  if (key === 'Home') return 0;
  if (key === 'End') return length - 1;
  return key === 'Escape' ? -1 : undefined;
}

interface BlockProps {
  readonly steps: readonly ShownStep[];
  readonly from: number;
  readonly selected: number | undefined;
}

function Block({ steps, from, selected = -1 }: BlockProps) {
  const to = Math.min(steps.length, from + BLOCK);
  const here = selected >= from && selected < to ? selected : -1;
  // A run's steps are only ever added to; the first one tells it from the run before.
  return useMemo(
    () => (
      <>
        {steps.slice(from, to).map((step, index) => (
          <Token key={from + index} step={step} index={from + index} isSelected={from + index === here} />
        ))}
      </>
    ),
    [steps[from], to, here],
  );
}

interface TokenProps {
  readonly step: ShownStep;
  readonly index: number;
  readonly isSelected: boolean;
}

function Token({ step, index, isSelected }: TokenProps) {
  const { piece, kind } = step;
  return (
    <span
      id={`step-${index}`}
      class={`token ${kind}`}
      role="option"
      tabIndex={-1}
      aria-selected={isSelected}
      aria-label={`${tokenLabel(step)}, ${kind}`}
      data-step={index}
      {...(piece === '' && { 'data-sign': tokenLabel(step) })}
      {...(piece.includes('\n') && { 'data-sign': '↵' })}
    >
      {piece}
    </span>
  );
}

interface MaskStripProps {
  readonly steps: readonly ShownStep[];
  readonly vocabSize: number;
  readonly selected: number | undefined;
  readonly onHover: (step: number | undefined) => void;
  readonly onHold: (step: number | undefined) => void;
}

const HEIGHT = 40;
/** Steps that the strip is wide at least, so that a short output has no broad bars. */
const MIN_WIDTH = 48;

/** Bars of how many tokens each mask allowed, in a logarithmic scale. The same is told of each step in words. */
export function MaskStrip({ steps, vocabSize, selected, onHover, onHold }: MaskStripProps) {
  const width = Math.max(MIN_WIDTH, steps.length);
  const stepAt = (event: MouseEvent) => {
    const { left, width: pixels } = (event.currentTarget as Element).getBoundingClientRect();
    const step = Math.floor(((event.clientX - left) / pixels) * width);
    return step < steps.length ? step : undefined;
  };
  const paths = useMemo(() => barsOf(steps, vocabSize), [steps, vocabSize]);
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${width} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      onMouseMove={(event) => onHover(stepAt(event))}
      onMouseLeave={() => onHover(undefined)}
      onClick={(event) => onHold(stepAt(event))}
    >
      {selected !== undefined && <rect class="here" x={selected} y={0} width={1} height={HEIGHT} />}
      {Object.entries(paths).map(([kind, path]) => (
        <path key={kind} class={kind} d={path} />
      ))}
    </svg>
  );
}

function barsOf(steps: readonly ShownStep[], vocabSize: number): Record<ShownStep['kind'], string> {
  const paths = { free: '', steered: '', dictated: '', forced: '' };
  for (const [index, { allowed, kind }] of steps.entries()) {
    const share = allowed < 0 ? 1 : Math.log2(Math.max(1, allowed)) / Math.log2(Math.max(2, vocabSize));
    const height = 3 + share * (HEIGHT - 4);
    paths[kind] += `M${index + 0.1} ${HEIGHT}v${-height.toFixed(2)}h.8v${height.toFixed(2)}z`;
  }
  return paths;
}
