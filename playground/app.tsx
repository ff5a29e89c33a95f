// The page: form on the left, output and step in the middle, the engine on the right.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { apiKey } from './api.js';
import { CacheTree } from './cache-tree.js';
import { ConstraintPanel } from './constraint-panel.js';
import { curlOf } from './curl.js';
import { useEngineState } from './engine-state.js';
import { EXAMPLES } from './examples.js';
import { type Form, requestOf } from './form.js';
import { count } from './format.js';
import { Header } from './header.js';
import { KeyDialog } from './key-dialog.js';
import { MaskStrip, Output } from './output.js';
import { ExamplePicker, PromptPanel, SamplingPanel } from './prompt-panel.js';
import { PromptView } from './prompt-view.js';
import { follow, IDLE, type Run } from './run.js';
import { StepPanel } from './step-panel.js';
import { Throughput } from './throughput.js';
import { Totals } from './totals.js';

export function App() {
  const engine = useEngineState();
  const { info } = engine;
  const [form, setForm] = useState<Form>(EXAMPLES[0].form);
  const change = useCallback((part: Partial<Form>) => setForm((before) => ({ ...before, ...part })), []);
  const { run, start, stop } = useRun(engine.refresh);
  useEffect(() => {
    if (info?.has_chat_template === false) change({ mode: 'completion' });
  }, [info?.has_chat_template, change]);
  const isBusy = run.phase === 'waiting' || run.phase === 'running';
  useShortcuts({
    'Control+Enter': () => info && start(form),
    ...(isBusy && { Escape: stop }),
  });
  return (
    <div class="page">
      <Header info={info} trouble={engine.trouble} />
      <main>
        <form
          class="column ask"
          aria-label="Request"
          onSubmit={(event) => {
            event.preventDefault();
            start(form);
          }}
        >
          <ExamplePicker form={form} onLoad={setForm} />
          <PromptPanel form={form} info={info} onChange={change} />
          <ConstraintPanel
            form={form}
            ready={info !== undefined}
            refused={refusedConstraint(run, form)}
            onChange={change}
          />
          <SamplingPanel form={form} info={info} onChange={change} />
          <div class="actions">
            {isBusy ? (
              <button type="button" class="primary stop" onClick={stop}>
                Stop <kbd>Esc</kbd>
              </button>
            ) : (
              <button type="submit" class="primary" disabled={!info}>
                Generate <kbd>Ctrl ⏎</kbd>
              </button>
            )}
            <CopyButton
              text={() => curlOf(form, location.href.replace(/\/?([?#].*)?$/, ''), apiKey.get() !== '')}
            />
          </div>
        </form>
        <Result run={run} info={info} />
        <div class="column engine">
          <Throughput samples={engine.samples} />
          <CacheTree cache={engine.cache} />
        </div>
      </main>
      {engine.needsKey && <KeyDialog onKey={() => engine.refresh()} />}
    </div>
  );
}

/** Keys of the whole page, wherever the focus is; each has a button, too. */
function useShortcuts(actions: Readonly<Record<string, () => void>>) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const action = actions[event.ctrlKey || event.metaKey ? `Control+${event.key}` : event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  });
}

/** The error of a run whose constraint is still the one in the form: the editor shows it at its place. */
function refusedConstraint({ error, request }: Run, { kind, sources }: Form) {
  const asked = request?.constraint;
  if (!error || !asked || kind === 'none' || asked.kind !== kind || asked.text !== sources[kind])
    return undefined;
  return error.place ? error : undefined;
}

function Result({
  run,
  info,
}: {
  readonly run: Run;
  readonly info: ReturnType<typeof useEngineState>['info'];
}) {
  const [hovered, setHovered] = useState<number>();
  const [held, setHeld] = useState<number>();
  useEffect(() => {
    if (run.phase === 'waiting') {
      setHovered(undefined);
      setHeld(undefined);
    }
  }, [run.phase]);
  const selected = [hovered, held, run.steps.length - 1].find(
    (step) => step !== undefined && run.steps[step] !== undefined,
  );
  const handlers = { selected, onHover: setHovered, onHold: setHeld };
  return (
    <div class="column result">
      <section class="answer" aria-label="Output" aria-busy={run.phase === 'running'}>
        <h2>
          Output <Legend />
        </h2>
        {run.error && (
          <p class="verdict" role="alert" data-error="true">
            {run.error.message}
          </p>
        )}
        <Output run={run} {...handlers} />
        <MaskStrip steps={run.steps} vocabSize={info?.vocab_size ?? 2} {...handlers} />
        <p class="hint strip-name">
          Tokens that the mask allowed at each step{info && `, 1 to ${count(info.vocab_size)}`} (logarithmic)
        </p>
        <Totals run={run} />
        <PromptView run={run} />
      </section>
      <StepPanel
        step={selected === undefined ? undefined : run.steps[selected]}
        index={selected ?? 0}
        length={run.steps.length}
        info={info}
      />
    </div>
  );
}

function CopyButton({ text }: { readonly text: () => string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  // Browsers lend the clipboard to pages of the same machine and to those that came over TLS.
  if (!navigator.clipboard) return null;
  return (
    <button
      type="button"
      class="secondary"
      onClick={copy}
      title="The same request to the OpenAI-compatible route"
    >
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy as curl'}</span>
    </button>
  );
}

function Legend() {
  return (
    <small class="legend">
      <span class="token forced">forced token</span>
      <span class="token dictated">forced text</span>
      <span class="token steered">steered</span> away from the model’s favourite
    </small>
  );
}

function useRun(onEnd: (run: Run) => void) {
  const [run, setRun] = useState<Run>(IDLE);
  const current = useRef<AbortController>(null);
  const start = useCallback(
    async (form: Form) => {
      current.current?.abort();
      const mine = new AbortController();
      current.current = mine;
      // What an earlier run still tells is not shown any more.
      const show = (next: Run) => {
        if (current.current === mine) setRun(next);
      };
      onEnd(await follow(requestOf(form), mine.signal, show));
    },
    [onEnd],
  );
  const stop = useCallback(() => current.current?.abort(), []);
  return { run, start, stop };
}
