// What canonical.ts folds into the shape of one schema.
import type { SchemaNode } from './document.js';
import type { Shape } from './shape.js';
import type { Tags } from './tags.js';
import type { Part, Term } from './terms.js';

/** A schema of allOf whose oneOf waits for what else is known of the value. */
export interface Arm {
  readonly part: Part & { readonly kind: 'schema' };
}
/** A schema of `not`: what it leaves of the others is found at less cost than all that it leaves. */
export interface Excluded {
  readonly excluded: Term;
}
export type Factor = Shape | Arm | Excluded;

export function isArm(factor: Factor): factor is Arm {
  return 'part' in factor;
}

export function isExcluded(factor: Factor): factor is Excluded {
  return 'excluded' in factor;
}

/** The arms of a oneOf, and by arm what is known of them. */
export interface OneOf {
  readonly node: SchemaNode;
  readonly arms: readonly Shape[];
  /** With the siblings. */
  readonly met: readonly Shape[];
  /** With what is around them, too. */
  readonly within: readonly Shape[];
  readonly tags: readonly Tags[];
  readonly around: Shape | undefined;
}
