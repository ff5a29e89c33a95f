// The top of the page: what is served, on what, and the choice of light or dark.
import { useLayoutEffect, useState } from 'preact/hooks';
import type { InfoView } from '../src/server/playground/protocol.js';
import { count } from './format.js';

interface HeaderProps {
  readonly info: InfoView | undefined;
  readonly trouble: string | undefined;
}

export function Header({ info, trouble }: HeaderProps) {
  return (
    <header>
      <Logo />
      <h1>Espalier</h1>
      {info && (
        <p class="model">
          <strong>{info.model}</strong>
          <span>{count(info.vocab_size)} tokens</span>
          <span>context {count(info.context_length)}</span>
          <span>
            {info.device} {info.device === 'cpu' && info.kernels}
          </span>
        </p>
      )}
      <p class="trouble" role="status">
        {trouble ?? (info ? '' : 'Looking for the server …')}
      </p>
      <ThemeButton />
    </header>
  );
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <path class="wires" d="M3 9h26M3 16h26M3 23h26" />
      <path
        class="tree-line"
        d="M16 29V5M16 23c-5 0-8-3-8-7M16 23c5 0 8-3 8-7M16 16c-4 0-5-3-5-7M16 16c4 0 5-3 5-7"
      />
    </svg>
  );
}

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];
const KEY = 'espalier-theme';

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(
    () => THEMES.find((one) => one === localStorage.getItem(KEY)) ?? 'auto',
  );
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem(KEY, theme);
  }, [theme]);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  return (
    <button
      type="button"
      class="quiet"
      title={`Colours: ${theme}; change to ${next}`}
      onClick={() => setTheme(next)}
    >
      <span aria-hidden="true">{{ auto: '◐', light: '☀', dark: '☾' }[theme]}</span>
      <span class="unseen">Colours: {theme}</span>
    </button>
  );
}
