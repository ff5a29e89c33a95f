// The dynamic scope of a schema: which resources evaluation came through, as far as `$dynamicRef` and `$recursiveRef` can
// tell. Interned, so that a schema reached in one scope by several ways is one node.
import type { Resource, SchemaNode } from './document.js';

/** For each dynamic anchor the schema it stands for: that of the outermost resource which declares it. */
export interface DynamicScope {
  readonly id: number;
  readonly targets: ReadonlyMap<string, SchemaNode>;
}

/** The name under which `$recursiveAnchor` is kept; no anchor has it. */
export const RECURSIVE = '';

/** Nothing entered yet. */
export const NO_SCOPE: DynamicScope = { id: 0, targets: new Map() };

export class DynamicScopes {
  readonly #known = new Map<string, DynamicScope>();

  /** The scope once `resource` is entered: it adds the anchors that no resource further out declares. */
  enter(scope: DynamicScope, resource: Resource): DynamicScope {
    const added = [...resource.dynamicAnchors].filter(([name]) => !scope.targets.has(name));
    if (added.length === 0) return scope;
    const targets = new Map([...scope.targets, ...added]);
    const key = [...targets]
      .map(([name, { id }]) => `${id} ${name}`)
      .sort()
      .join('\n');
    let entered = this.#known.get(key);
    if (!entered) {
      entered = { id: this.#known.size + 1, targets };
      this.#known.set(key, entered);
    }
    return entered;
  }
}
