// Which function-call format a chat template asks for, told by the marks that stand in its text.
import { declarations } from './formats/index.js';

/**
 * The name of the format whose marks stand in the template; of several the one with the most text in its marks, as longer
 * marks say more. Undefined when none does.
 */
export function detectToolFormat(template: string): string | undefined {
  let best: { name: string; length: number } | undefined;
  for (const { name, template: groups = [] } of declarations)
    for (const group of groups) {
      const length = group.reduce((sum, mark) => sum + mark.length, 0);
      if (group.every((mark) => template.includes(mark)) && length > (best?.length ?? 0))
        best = { name, length };
    }
  return best?.name;
}
