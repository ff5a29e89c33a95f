// Patterns without flag u, read by code points: the two halves of a character that the parser gives one by one are put
// together again.
import type { AST } from '@eslint-community/regexpp';

type ClassElement = AST.ClassRangesCharacterClassElement;

/** Elements of a sequence; a quantifier on the second half is one on the character. */
export function joinSequence(elements: readonly AST.Element[]): AST.Element[] {
  return join(elements, (high, next) => {
    if (high.type !== 'Character') return undefined;
    if (next.type === 'Character') return paired(high, next);
    if (next.type !== 'Quantifier' || next.element.type !== 'Character') return undefined;
    const element = paired(high, next.element);
    return element && { ...next, element };
  });
}

/** Elements of a class, where a character may also end a range. */
export function joinClass(elements: readonly ClassElement[]): ClassElement[] {
  return join(elements, (high, next) => {
    if (next.type !== 'Character') return undefined;
    if (high.type === 'Character') return paired(high, next);
    if (high.type !== 'CharacterClassRange') return undefined;
    const max = paired(high.max, next);
    return max && { ...high, max };
  });
}

function join<T>(elements: readonly T[], joined: (first: T, second: T) => T | undefined): T[] {
  const result: T[] = [];
  for (let i = 0; i < elements.length; i++) {
    const pair = i + 1 < elements.length ? joined(elements[i], elements[i + 1]) : undefined;
    result.push(pair ?? elements[i]);
    if (pair !== undefined) i++;
  }
  return result;
}

function paired(high: AST.Character, low: AST.Character): AST.Character | undefined {
  if (high.value < 0xd800 || high.value > 0xdbff || low.value < 0xdc00 || low.value > 0xdfff)
    return undefined;
  return { ...high, value: 0x10000 + (high.value - 0xd800) * 0x400 + (low.value - 0xdc00) };
}
