// The constraint's tabs and editor. A source is checked a moment after it was changed, and errors show at their place.
import { useEffect, useState } from 'preact/hooks';
import type {
  CheckView,
  CompiledView,
  ConstraintKind,
  ErrorView,
} from '../src/server/playground/protocol.js';
import { ask } from './api.js';
import { Editor } from './editor.js';
import { constraintOf, type Form } from './form.js';
import { bytes, duration } from './format.js';
import { rangeOf } from './places.js';
import { errorView } from './run.js';

const TABS: readonly { readonly kind: Form['kind']; readonly name: string; readonly hint: string }[] = [
  { kind: 'none', name: 'None', hint: '' },
  { kind: 'schema', name: 'JSON Schema', hint: '{"type": "object", "properties": { … }}' },
  { kind: 'regex', name: 'Regex', hint: '\\d{4}-\\d{2}-\\d{2}' },
  { kind: 'ebnf', name: 'EBNF', hint: 'root ::= "yes" | "no"' },
  { kind: 'lark', name: 'Lark', hint: 'start: "yes" | "no"' },
];
const CHECK_AFTER_MS = 300;

interface ConstraintPanelProps {
  readonly form: Form;
  readonly ready: boolean;
  /** What the last request's constraint was refused for. */
  readonly refused: ErrorView | undefined;
  readonly onChange: (change: Partial<Form>) => void;
}

export function ConstraintPanel({ form, ready, refused, onChange }: ConstraintPanelProps) {
  const verdict = useVerdict(form, ready);
  const { kind, sources } = form;
  const error = verdict && 'error' in verdict ? verdict.error : refused;
  const text = kind === 'none' ? '' : sources[kind];
  return (
    <section class="constraint" aria-label="Constraint">
      <Tabs kind={kind} onChange={(next) => onChange({ kind: next })} />
      {kind === 'none' ? (
        <p class="hint">The output is free text: the mask allows every token.</p>
      ) : (
        <>
          <Editor
            id="source"
            label={`${TABS.find((tab) => tab.kind === kind)!.name} source`}
            value={text}
            placeholder={TABS.find((tab) => tab.kind === kind)!.hint}
            error={error?.place && rangeOf(text, error.place)}
            errorId={error && 'source-verdict'}
            onChange={(value) => onChange({ sources: { ...sources, [kind]: value } })}
          />
          <p id="source-verdict" class="verdict" role="status" data-error={error !== undefined}>
            {error ? error.message : verdict && !('error' in verdict) ? <Compiled {...verdict} /> : '\u00a0'}
          </p>
        </>
      )}
    </section>
  );
}

function Compiled({ compile_ms, image_bytes, annotations }: CompiledView) {
  const unused = [...new Set(annotations.map(({ keyword }) => keyword))].join(', ');
  return (
    <>
      <span class="ok">✓ compiles</span> in {duration(compile_ms)} to {bytes(image_bytes)}
      {unused !== '' && `; without effect: ${unused}`}
    </>
  );
}

/** Tabs as the ARIA practices have them: arrows move between them, one is in the tab order. */
function Tabs({
  kind,
  onChange,
}: {
  readonly kind: Form['kind'];
  readonly onChange: (kind: Form['kind']) => void;
}) {
  const at = TABS.findIndex((tab) => tab.kind === kind);
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const next = TABS[(at + move + TABS.length) % TABS.length];
    onChange(next.kind);
    document.getElementById(`tab-${next.kind}`)?.focus();
  };
  return (
    <div class="tabs" role="radiogroup" aria-label="Kind of constraint" onKeyDown={onKeyDown}>
      {TABS.map((tab) => (
        // biome-ignore lint/a11y/useSemanticElements: a radio input cannot look like a tab without being hidden.
        <button
          type="button"
          role="radio"
          key={tab.kind}
          id={`tab-${tab.kind}`}
          aria-checked={tab.kind === kind}
          tabIndex={tab.kind === kind ? 0 : -1}
          onClick={() => onChange(tab.kind)}
        >
          {tab.name}
        </button>
      ))}
    </div>
  );
}

function useVerdict(form: Form, ready: boolean): CheckView | undefined {
  const [verdict, setVerdict] = useState<CheckView>();
  const constraint = constraintOf(form);
  const kind: ConstraintKind | undefined = constraint?.kind;
  const text = constraint?.text;
  useEffect(() => {
    setVerdict(undefined);
    if (!ready || kind === undefined || text === undefined) return;
    const changed = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setVerdict(await ask<CheckView>('check', { constraint: { kind, text } }, changed.signal));
      } catch (error) {
        if (!changed.signal.aborted) setVerdict({ error: errorView(error) });
      }
    }, CHECK_AFTER_MS);
    return () => {
      clearTimeout(timer);
      changed.abort();
    };
  }, [kind, text, ready]);
  return verdict;
}
