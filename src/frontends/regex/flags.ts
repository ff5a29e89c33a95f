// The flags that change what a pattern means.

export interface Flags {
  /** `u` or `v`: code points, strict syntax. */
  readonly unicode: boolean;
  /** `v`: set operations and strings in classes. */
  readonly unicodeSets: boolean;
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

/** `d`, `g` and `y` change no language and are ignored. */
export function readFlags(flags: string): Flags {
  return {
    unicode: /[uv]/.test(flags),
    unicodeSets: flags.includes('v'),
    ignoreCase: flags.includes('i'),
    multiline: flags.includes('m'),
    dotAll: flags.includes('s'),
  };
}
