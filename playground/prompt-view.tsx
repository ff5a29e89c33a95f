// The prompt as the model reads it, through the chat template; what came from the cache is marked.
import { count } from './format.js';
import type { Run } from './run.js';

export function PromptView({ run: { prompt, end } }: { readonly run: Run }) {
  if (!prompt) return null;
  const cached = end?.cached_text_length ?? 0;
  return (
    <details class="prompt-view">
      <summary>
        Prompt as the model reads it <small>{count(prompt.ids.length)} tokens</small>
      </summary>
      <pre>
        {cached > 0 && <mark title="from the cache">{prompt.text.slice(0, cached)}</mark>}
        {prompt.text.slice(cached)}
      </pre>
    </details>
  );
}
