// xgrammar's macros: names that mean something else there when an argument list follows.

export type MacroName = 'Regex' | 'Substring' | 'TagDispatch' | 'TokenTagDispatch' | 'Token' | 'ExcludeToken';

export const macroNames: ReadonlySet<string> = new Set<MacroName>([
  'Regex',
  'Substring',
  'TagDispatch',
  'TokenTagDispatch',
  'Token',
  'ExcludeToken',
]);
