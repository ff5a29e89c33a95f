// Asks for the API key where the server wants one.
import { useEffect, useRef, useState } from 'preact/hooks';
import { apiKey } from './api.js';

export function KeyDialog({ onKey }: { readonly onKey: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState('');
  const wasRefused = apiKey.get() !== '';
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="key-title" onCancel={(event) => event.preventDefault()}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          apiKey.set(key);
          onKey();
        }}
      >
        <h2 id="key-title">This server asks for its API key</h2>
        <p class="hint">It is sent to this server alone, and kept in this tab until it is closed.</p>
        <label class="field">
          <span>API key</span>
          <input
            type="password"
            name="key"
            required
            autocomplete="off"
            value={key}
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {wasRefused && (
          <p class="verdict" role="alert" data-error="true">
            The server refused the last key.
          </p>
        )}
        <button class="primary" type="submit">
          Use it
        </button>
      </form>
    </dialog>
  );
}
