// A text area for sources: line numbers, and a mark where an error is. What is marked lies behind the text area's own text.
import { useEffect, useRef } from 'preact/hooks';
import { lineOf, type Range } from './places.js';

interface EditorProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly error: Range | undefined;
  /** The element that tells the error. */
  readonly errorId: string | undefined;
  readonly onChange: (value: string) => void;
}

export function Editor({ id, label, value, placeholder, error, errorId, onChange }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const behind = useRef<HTMLPreElement>(null);
  const gutter = useRef<HTMLPreElement>(null);
  const align = () => {
    const { scrollTop, scrollLeft } = area.current!;
    behind.current!.scrollTop = scrollTop;
    behind.current!.scrollLeft = scrollLeft;
    gutter.current!.scrollTop = scrollTop;
  };
  useEffect(align, [value, error?.from]);
  const errorLine = error && lineOf(value, error.from);
  return (
    <div class="editor" data-invalid={errorId !== undefined}>
      <pre class="gutter" ref={gutter} aria-hidden="true">
        {value.split('\n').map((_, index) => (
          <span key={index} data-error={index + 1 === errorLine}>{`${index + 1}\n`}</span>
        ))}
      </pre>
      <div class="editor-text">
        <pre class="behind" ref={behind} aria-hidden="true">
          {value.slice(0, error?.from ?? value.length)}
          {error && <mark>{value.slice(error.from, error.to) || ' '}</mark>}
          {error && value.slice(error.to)}
          {'\n'}
        </pre>
        <textarea
          id={id}
          ref={area}
          aria-label={label}
          aria-invalid={errorId !== undefined}
          {...(errorId !== undefined && { 'aria-describedby': errorId })}
          value={value}
          placeholder={placeholder}
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          wrap="off"
          onInput={(event) => onChange(event.currentTarget.value)}
          onScroll={align}
        />
      </div>
    </div>
  );
}
