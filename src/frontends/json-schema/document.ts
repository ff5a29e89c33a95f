// A schema document: its subschemas by pointer, the resources that `$id` cuts it into, and the targets of `$ref`.
// Takes the exact JSON of json-value.ts; gives the canonical form one SchemaNode per schema object.
import { CompileError } from '../../errors.js';
import type { Dialect, Documents } from './documents.js';
import { type DynamicScope, DynamicScopes } from './dynamic-scope.js';
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  pointerToken,
  preview,
  typeName,
} from './json-value.js';
import { checkKeywords, type Draft, forEachSubschema, isInert, isSchema } from './keywords.js';

/** A schema with a URI of its own: the root, or a subschema with `$id`. References are resolved against it. */
export interface Resource {
  readonly uri: string;
  readonly root: JsonObject;
  readonly pointer: string;
  readonly dialect: Dialect;
  /** Schemas of the resource that `$dynamicRef` can find by name; one with `$recursiveAnchor: true` has the name ''. */
  readonly dynamicAnchors: Map<string, SchemaNode>;
}

/** One schema object of the document. */
export interface SchemaNode {
  /** Position in order of discovery. */
  readonly id: number;
  readonly schema: JsonObject;
  readonly pointer: string;
  readonly resource: Resource;
  /** What dynamic anchors mean here, by the resources that were entered on the way. */
  readonly scope: DynamicScope;
}

/** Base of documents without `$id`; never shown. */
const BASE_URI = 'schema:///';

/** In drafts up to 7 nothing beside `$ref` counts. */
export function refStandsAlone(node: SchemaNode): boolean {
  const { draft } = node.resource.dialect;
  return draft !== undefined && draft <= 7 && typeof node.schema.get('$ref') === 'string';
}

/** A schema that says `$ref` and nothing else that matters. */
function isMereReference(node: SchemaNode): boolean {
  if (typeof node.schema.get('$ref') !== 'string') return false;
  if (refStandsAlone(node)) return true;
  for (const keyword of node.schema.keys()) {
    if (keyword !== '$ref' && !isInert(keyword)) return false;
  }
  return true;
}

export class SchemaDocument {
  readonly root: SchemaNode | boolean;
  /** Whether it must be known which properties and items are evaluated: some schema, perhaps a document's, asks for it. */
  hasUnevaluated: boolean;
  readonly #nodes = new Map<JsonObject, SchemaNode>();
  readonly #resources = new Map<string, Resource>();
  readonly #anchors = new Map<string, SchemaNode>();
  /** By resource and reference, where it leads. */
  readonly #targets = new Map<Resource, Map<string, SchemaNode | boolean>>();
  readonly #scopes = new DynamicScopes();
  readonly #scoped = new Map<SchemaNode, Map<DynamicScope, SchemaNode>>();
  readonly #documents: Documents;
  #count = 0;

  /** @throws CompileError `invalid_schema` for a document that is not a schema, or with a keyword of a wrong form. */
  constructor(root: Json, documents: Documents) {
    this.#documents = documents;
    this.hasUnevaluated = documents.size > 0;
    if (typeof root === 'boolean') {
      this.root = root;
      return;
    }
    if (!isObject(root)) {
      throw new CompileError(
        'invalid_schema',
        `a schema is an object or a boolean, not ${typeName(root)} (${preview(root)})`,
        { pointer: '' },
      );
    }
    this.root = this.#enter(this.#discover(root, '', undefined), this.#scopes.empty);
  }

  /**
   * The subschema of `parent` that a keyword holds, under a key or as it stands, or what it refers to if it does nothing else:
   * so all references to a schema are the same schema. A boolean stands for itself.
   */
  child(parent: SchemaNode, value: Json, keyword: string, key?: string | number): SchemaNode | boolean {
    if (typeof value === 'boolean') return value;
    const schema = value as JsonObject;
    const node =
      this.#nodes.get(schema) ?? this.#discover(schema, placeOf(parent, keyword, key), parent.resource);
    return this.#dereference(this.#enter(node, parent.scope));
  }

  /** Follows references without siblings; a circle of them is left to be found when it is expanded. */
  #dereference(node: SchemaNode): SchemaNode | boolean {
    if (!isMereReference(node)) return node;
    const seen = new Set<SchemaNode>();
    let target: SchemaNode | boolean = node;
    while (typeof target === 'object' && isMereReference(target)) {
      if (seen.has(target)) return node;
      seen.add(target);
      target = this.resolve(target, target.schema.get('$ref') as string);
    }
    return target;
  }

  /**
   * The target of a reference that stands in `node`.
   * @throws CompileError `unresolved_reference` when it is neither in this document nor in those supplied.
   */
  resolve(node: SchemaNode, reference: string): SchemaNode | boolean {
    const target = this.#target(node, reference);
    return typeof target === 'boolean' ? target : this.#enter(target, node.scope);
  }

  /**
   * The target of `$dynamicRef` (2020-12) or `$recursiveRef` (2019-09): where the reference alone leads to a dynamic anchor,
   * the outermost one of that name on the way here.
   */
  resolveDynamic(node: SchemaNode, keyword: string, reference: string): SchemaNode | boolean {
    const target = this.#target(node, reference);
    if (typeof target === 'boolean') return target;
    const name = keyword === '$recursiveRef' ? '' : reference.slice(reference.indexOf('#') + 1);
    if (target.resource.dynamicAnchors.get(name)?.schema !== target.schema)
      return this.#enter(target, node.scope);
    return this.#enter(node.scope.anchors.get(name) ?? target, node.scope);
  }

  /** The node as it stands in a dynamic scope, which its own resource joins. */
  #enter(node: SchemaNode, scope: DynamicScope): SchemaNode {
    const { resource } = node;
    const entered = resource.dynamicAnchors.size > 0 ? this.#scopes.with(scope, resource) : scope;
    if (entered === node.scope) return node;
    const base = this.#nodes.get(node.schema)!;
    if (entered === base.scope) return base;
    const known = this.#scoped.get(base) ?? new Map<DynamicScope, SchemaNode>();
    this.#scoped.set(base, known);
    const inScope = known.get(entered) ?? { ...base, id: this.#count++, scope: entered };
    known.set(entered, inScope);
    return inScope;
  }

  #target(node: SchemaNode, reference: string): SchemaNode | boolean {
    const known = this.#targets.get(node.resource)?.get(reference);
    if (known !== undefined) return known;
    const target = this.#findTarget(node, reference);
    const ofResource = this.#targets.get(node.resource);
    if (ofResource) ofResource.set(reference, target);
    else this.#targets.set(node.resource, new Map([[reference, target]]));
    return target;
  }

  #findTarget(node: SchemaNode, reference: string): SchemaNode | boolean {
    const hash = reference.indexOf('#');
    const address = hash < 0 ? reference : reference.slice(0, hash);
    const fragment = hash < 0 ? '' : reference.slice(hash + 1);
    const resource =
      address === '' ? node.resource : this.#resource(absolute(address, node.resource.uri), node);
    if (resource === undefined) {
      return unresolved(
        node,
        reference,
        "is not in this document; put the schema it names under $defs, or supply it in the option 'documents'",
      );
    }
    if (typeof resource === 'boolean') return resource;
    let decoded: string;
    try {
      decoded = decodeURIComponent(fragment);
    } catch {
      return unresolved(node, reference, 'has a broken percent escape');
    }
    if (decoded === '' || decoded.startsWith('/')) return this.#follow(node, reference, resource, decoded);
    const target = this.#anchors.get(`${resource.uri}#${decoded}`);
    return target ?? unresolved(node, reference, `names no anchor of this document`);
  }

  /**
   * A resource by its absolute URI: of this document, or a document supplied, which is read when first asked for. One that
   * declares no draft is of that of the schema which refers to it.
   */
  #resource(uri: string, from: SchemaNode): Resource | boolean | undefined {
    const known = this.#resources.get(uri);
    if (known) return known;
    const root = this.#documents.get(uri);
    if (root === undefined || typeof root === 'boolean') return root;
    if (!isObject(root)) {
      throw new CompileError('invalid_schema', `the document ${uri} is ${typeName(root)}, not a schema`, {
        pointer: `${uri}#`,
      });
    }
    const declared = this.#documents.dialect(root, `${uri}#`);
    const { draft } = from.resource.dialect;
    const dialect = declared.isDeclared ? declared : { ...declared, draft };
    const home = makeResource(uri, root, `${uri}#`, dialect);
    this.#resources.set(uri, home);
    this.#discover(root, `${uri}#`, home);
    const { resource } = this.#nodes.get(root)!;
    this.#resources.set(uri, resource);
    return resource;
  }

  #follow(from: SchemaNode, reference: string, resource: Resource, fragment: string): SchemaNode | boolean {
    let value: Json = resource.root;
    let home = resource;
    let pointer = resource.pointer;
    for (const token of fragment.split('/').slice(1)) {
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
      const next: Json | undefined = isObject(value)
        ? value.get(name)
        : isArray(value) && /^(?:0|[1-9]\d*)$/.test(name)
          ? value[Number(name)]
          : undefined;
      if (next === undefined) {
        return unresolved(from, reference, `points at nothing: #${pointer} has no '${name}'`);
      }
      value = next;
      pointer += `/${pointerToken(name)}`;
      const known = isObject(value) ? this.#nodes.get(value) : undefined;
      if (known) home = known.resource;
    }
    if (typeof value === 'boolean') return value;
    if (!isSchema(value)) {
      return unresolved(from, reference, `points at ${typeName(value)} (${preview(value)}), not at a schema`);
    }
    return this.#nodes.get(value as JsonObject) ?? this.#discover(value as JsonObject, pointer, home);
  }

  /** Registers a schema and, iteratively, all schemas below it. */
  #discover(schema: JsonObject, pointer: string, home: Resource | undefined): SchemaNode {
    const first = this.#register(schema, pointer, home);
    const pending = [first];
    let parent = first;
    const register = (value: Json, place: string) => {
      if (!isObject(value) || this.#nodes.has(value)) return;
      pending.push(this.#register(value, place, parent.resource));
    };
    for (let node = pending.pop(); node; node = pending.pop()) {
      parent = node;
      if (!refStandsAlone(node)) checkKeywords(node.schema, node.pointer);
      forEachSubschema(node.schema, node.pointer, register);
    }
    return first;
  }

  #register(schema: JsonObject, pointer: string, home: Resource | undefined): SchemaNode {
    const resource = this.#resourceOf(schema, pointer, home);
    const node: SchemaNode = { id: this.#count++, schema, pointer, resource, scope: this.#scopes.empty };
    this.#nodes.set(schema, node);
    if (schema.has('unevaluatedProperties') || schema.has('unevaluatedItems')) this.hasUnevaluated = true;
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = schema.get(keyword);
      if (typeof anchor !== 'string') continue;
      this.#anchors.set(`${resource.uri}#${anchor}`, node);
      if (keyword === '$dynamicAnchor') resource.dynamicAnchors.set(anchor, node);
    }
    if (schema.get('$recursiveAnchor') === true && resource.root === schema)
      resource.dynamicAnchors.set('', node);
    const { draft } = resource.dialect;
    const ignored = draft !== undefined && draft <= 7 && schema.has('$ref');
    const id = ignored ? undefined : identifier(schema, draft);
    if (id?.startsWith('#')) this.#anchors.set(`${resource.uri}${id}`, node);
    return node;
  }

  #resourceOf(schema: JsonObject, pointer: string, home: Resource | undefined): Resource {
    const declares = !home || schema.has('$id') || schema.has('id');
    const declared = declares ? this.#documents.dialect(schema, pointer) : undefined;
    const dialect = declared?.isDeclared || !home ? declared! : home.dialect;
    const { draft } = dialect;
    const id = identifier(schema, draft);
    const ignored = draft !== undefined && draft <= 7 && schema.has('$ref');
    const starts = id !== undefined && !id.startsWith('#') && !ignored;
    if (home && !starts) return home;
    const uri = starts ? absolute(id, home?.uri ?? BASE_URI) : BASE_URI;
    const resource = makeResource(uri, schema, pointer, dialect);
    this.#resources.set(uri, resource);
    return resource;
  }
}

function placeOf({ pointer }: SchemaNode, keyword: string, key: string | number | undefined): string {
  const place = `${pointer}/${keyword}`;
  return key === undefined ? place : `${place}/${pointerToken(String(key))}`;
}

function makeResource(uri: string, root: JsonObject, pointer: string, dialect: Dialect): Resource {
  return { uri, root, pointer, dialect, dynamicAnchors: new Map() };
}

/** The value of `$id`, which draft 4 calls `id`. */
function identifier(schema: JsonObject, draft: Draft | undefined): string | undefined {
  const id = schema.get(draft === 4 ? 'id' : '$id');
  return typeof id === 'string' ? id : undefined;
}

/** A URI reference made absolute, without fragment; text that is no URI stays as it is. */
function absolute(reference: string, base: string): string {
  const hash = reference.indexOf('#');
  const address = hash < 0 ? reference : reference.slice(0, hash);
  return URL.canParse(address, base) ? new URL(address, base).href : address;
}

function unresolved(node: SchemaNode, reference: string, reason: string): never {
  throw new CompileError('unresolved_reference', `$ref ${JSON.stringify(reference)} ${reason}`, {
    pointer: `${node.pointer}/$ref`,
    keyword: '$ref',
  });
}
