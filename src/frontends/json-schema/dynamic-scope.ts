// Dynamic scopes: which resources with dynamic anchors were entered on the way to a schema, outermost first. A schema under
// two scopes is two schemas; a resource counts once, so there are finitely many.
import type { Resource } from './document.js';

export interface DynamicScope {
  readonly resources: readonly Resource[];
}

/** The scopes of one document, one object each. */
export class DynamicScopes {
  readonly empty: DynamicScope = { resources: [] };
  readonly #longer = new Map<DynamicScope, Map<Resource, DynamicScope>>();

  /** The scope after `resource` is entered. */
  with(scope: DynamicScope, resource: Resource): DynamicScope {
    if (scope.resources.includes(resource)) return scope;
    const known = this.#longer.get(scope) ?? new Map<Resource, DynamicScope>();
    this.#longer.set(scope, known);
    const longer = known.get(resource) ?? { resources: [...scope.resources, resource] };
    known.set(resource, longer);
    return longer;
  }
}
