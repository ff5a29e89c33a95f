// Dynamic scopes: for each name of a dynamic anchor, the outermost schema of that name on the way to a schema. A schema
// under two scopes is two schemas; only the outermost counts, so there are few.
import type { Resource, SchemaNode } from './document.js';

export interface DynamicScope {
  readonly anchors: ReadonlyMap<string, SchemaNode>;
}

/** The scopes of one document, one object each. */
export class DynamicScopes {
  readonly empty: DynamicScope = { anchors: new Map() };
  readonly #scopes = new Map<string, DynamicScope>();

  /** The scope after `resource` is entered. */
  with(scope: DynamicScope, resource: Resource): DynamicScope {
    const isNew = (name: string) => !scope.anchors.has(name);
    if (![...resource.dynamicAnchors.keys()].some(isNew)) return scope;
    const anchors = new Map([...resource.dynamicAnchors, ...scope.anchors]);
    const key = JSON.stringify([...anchors].map(([name, { id }]) => [name, id]).sort());
    const known = this.#scopes.get(key) ?? { anchors };
    this.#scopes.set(key, known);
    return known;
  }
}
