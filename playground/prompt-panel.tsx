// The prompt: an example to load, chat or completion, texts, sampling, how many alternatives are shown.
import type { InfoView } from '../src/server/playground/protocol.js';
import { EXAMPLES } from './examples.js';
import type { Form, Numbers } from './form.js';

interface PromptPanelProps {
  readonly form: Form;
  readonly info: InfoView | undefined;
  readonly onChange: (change: Partial<Form>) => void;
}

interface ExamplePickerProps {
  readonly form: Form;
  readonly onLoad: (form: Form) => void;
}

/** Names the example that the form still is, so that one that was changed can be loaded again. */
export function ExamplePicker({ form, onLoad }: ExamplePickerProps) {
  const at = EXAMPLES.findIndex((example) => example.form === form);
  return (
    <label class="field inline">
      <span>Example</span>
      <select
        id="example"
        value={at < 0 ? '' : at}
        onChange={({ currentTarget }) => onLoad(EXAMPLES[Number(currentTarget.value)].form)}
      >
        <option value="" disabled hidden>
          none: changed
        </option>
        {EXAMPLES.map(({ name }, index) => (
          <option key={name} value={index}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

export function PromptPanel({ form, info, onChange }: PromptPanelProps) {
  return (
    <section class="prompt" aria-label="Prompt">
      <fieldset class="segments">
        <legend class="unseen">Form of the prompt</legend>
        {(['chat', 'completion'] as const).map((mode) => (
          <label key={mode}>
            <input
              type="radio"
              name="mode"
              checked={form.mode === mode}
              disabled={mode === 'chat' && info?.has_chat_template === false}
              onChange={() => onChange({ mode })}
            />
            <span>{mode === 'chat' ? 'Chat' : 'Completion'}</span>
          </label>
        ))}
      </fieldset>
      {form.mode === 'chat' ? (
        <>
          <TextField
            id="system"
            name="System"
            rows={1}
            value={form.system}
            onChange={(system) => onChange({ system })}
          />
          <TextField
            id="user"
            name="User"
            rows={5}
            value={form.user}
            onChange={(user) => onChange({ user })}
          />
        </>
      ) : (
        <TextField
          id="prompt"
          name="Text"
          rows={7}
          value={form.prompt}
          onChange={(prompt) => onChange({ prompt })}
        />
      )}
    </section>
  );
}

interface TextFieldProps {
  readonly id: string;
  readonly name: string;
  readonly rows: number;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function TextField({ id, name, rows, value, onChange }: TextFieldProps) {
  return (
    <label class="field" for={id}>
      <span>{name}</span>
      <textarea
        id={id}
        rows={rows}
        value={value}
        placeholder={id === 'system' ? 'none' : ''}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

const NUMBERS: readonly {
  readonly name: keyof Numbers;
  readonly label: string;
  readonly step: string;
  readonly min: number;
  readonly max?: number;
  readonly empty?: string;
}[] = [
  { name: 'max_tokens', label: 'Max tokens', step: '1', min: 1 },
  { name: 'temperature', label: 'Temperature', step: 'any', min: 0, max: 100 },
  { name: 'top_p', label: 'Top-p', step: 'any', min: 0.000001, max: 1 },
  { name: 'top_k', label: 'Top-k', step: '1', min: 0 },
  { name: 'min_p', label: 'Min-p', step: 'any', min: 0, max: 1 },
  { name: 'seed', label: 'Seed', step: '1', min: 0, empty: 'random' },
];

export function SamplingPanel({ form, info, onChange }: PromptPanelProps) {
  return (
    <section class="sampling" aria-label="Sampling">
      {NUMBERS.map(({ name, label, step, min, max, empty }) => (
        <label class="field" key={name}>
          <span>{label}</span>
          <input
            type="number"
            name={name}
            inputMode="decimal"
            step={step}
            min={min}
            {...(max !== undefined && { max })}
            placeholder={empty ?? 'default'}
            value={form.numbers[name]}
            onInput={({ currentTarget }) =>
              onChange({ numbers: { ...form.numbers, [name]: currentTarget.value } })
            }
          />
        </label>
      ))}
      <label class="field wide">
        <span>Alternatives of each token</span>
        <select
          name="alternatives"
          value={form.alternatives}
          onChange={({ currentTarget }) => onChange({ alternatives: Number(currentTarget.value) })}
        >
          {[0, 4, 8, 12, 20].map((number) => (
            <option key={number} value={number}>
              {number === 0
                ? `none${info?.jump_forward ? ': forced tokens are appended without the model' : ''}`
                : `the ${number} most probable`}
            </option>
          ))}
        </select>
      </label>
    </section>
  );
}
