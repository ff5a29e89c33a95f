// Languages that formats write down as regular expressions of our own, each determinised once in a process.
import type { Dfa } from '../../automata/index.js';
import { regexToDfa } from '../regex/index.js';

const languages = new Map<string, Dfa>();

/** For sources that stand in the code: nothing is ever forgotten. */
export function writtenLanguage(source: string): Dfa {
  let dfa = languages.get(source);
  if (!dfa) {
    dfa = regexToDfa(source);
    languages.set(source, dfa);
  }
  return dfa;
}
