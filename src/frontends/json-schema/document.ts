// A schema document: its subschemas by pointer, the resources that `$id` cuts it into, and the targets of `$ref`.
// Takes the exact JSON of json-value.ts; gives the canonical form one SchemaNode per schema object.
import { CompileError } from '../../errors.js';
import { DEFAULT_DIALECT, type Dialect, dialectOf } from './dialect.js';
import { type DynamicScope, DynamicScopes, NO_SCOPE, RECURSIVE } from './dynamic-scope.js';
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
  /** The declared draft; undefined where no `$schema` says, which is 2020-12 plus the older spellings. */
  readonly draft: Draft | undefined;
  readonly dialect: Dialect;
  /** By name of a `$dynamicAnchor` the schema that has it; `$recursiveAnchor` under {@link RECURSIVE}. */
  readonly dynamicAnchors: Map<string, SchemaNode>;
}

/** One schema object of a document, in one dynamic scope. */
export interface SchemaNode {
  /** Position in order of discovery. */
  readonly id: number;
  readonly schema: JsonObject;
  readonly pointer: string;
  readonly resource: Resource;
  readonly scope: DynamicScope;
}

/** What a supplied document takes over from the one that refers to it: its URI is known, and its dialect unless it says. */
type ForeignHome = Resource & { readonly isForeign: true };

/** Base of documents without `$id`; never shown. */
const BASE_URI = 'schema:///';

/** In drafts up to 7 nothing beside `$ref` counts. */
export function refStandsAlone(node: SchemaNode): boolean {
  const { draft } = node.resource;
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

/** The root schema, and the documents that it refers to. */
export class SchemaDocument {
  readonly root: SchemaNode | boolean;
  readonly #documents: ReadonlyMap<string, () => Json>;
  /** Schemas as they are registered, outside any scope. */
  readonly #nodes = new Map<JsonObject, SchemaNode>();
  readonly #scoped = new Map<SchemaNode, Map<DynamicScope, SchemaNode>>();
  readonly #scopes = new DynamicScopes();
  readonly #resources = new Map<string, Resource>();
  readonly #anchors = new Map<string, SchemaNode>();
  #count = 0;

  /**
   * `documents`: by URI what else may be referred to, read when it is.
   * @throws CompileError `invalid_schema` for a document that is not a schema, or with a keyword of a wrong form.
   */
  constructor(root: Json, documents: ReadonlyMap<string, () => Json> = new Map()) {
    this.#documents = documents;
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
    this.root = this.#within(this.#discover(root, '', undefined), NO_SCOPE);
  }

  /**
   * The subschema of `parent` at `path` below it, or what it refers to if it does nothing else: so all references to a
   * schema are the same schema. A boolean stands for itself.
   */
  child(parent: SchemaNode, value: Json, path: string): SchemaNode | boolean {
    if (typeof value === 'boolean') return value;
    const schema = value as JsonObject;
    const node = this.#nodes.get(schema) ?? this.#discover(schema, parent.pointer + path, parent.resource);
    return this.#dereference(this.#within(node, parent.scope));
  }

  /** The schema as it is met in a scope, its own resource entered. */
  #within(node: SchemaNode, scope: DynamicScope): SchemaNode {
    const entered = this.#scopes.enter(scope, node.resource);
    if (entered === NO_SCOPE) return node;
    const known = this.#scoped.get(node) ?? new Map<DynamicScope, SchemaNode>();
    this.#scoped.set(node, known);
    let scoped = known.get(entered);
    if (!scoped) {
      scoped = { ...node, id: this.#count++, scope: entered };
      known.set(entered, scoped);
    }
    return scoped;
  }

  /** Follows references without siblings; a circle of them is left to be found when it is expanded. */
  #dereference(node: SchemaNode): SchemaNode | boolean {
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
   * @throws CompileError `unresolved_reference` when it is neither in this document nor in one that was supplied.
   */
  resolve(node: SchemaNode, reference: string): SchemaNode | boolean {
    const target = this.#target(node, reference);
    return typeof target === 'boolean' ? target : this.#within(target, node.scope);
  }

  /**
   * The target of a `$dynamicRef` or `$recursiveRef`: where it leads to a dynamic anchor, that of the outermost resource
   * which evaluation came through and which has one of this name.
   * @throws CompileError as {@link resolve}
   */
  resolveDynamic(node: SchemaNode, keyword: string, reference: string): SchemaNode | boolean {
    const target = this.#target(node, reference);
    if (typeof target === 'boolean') return target;
    const anchor = keyword === '$recursiveRef' ? RECURSIVE : reference.slice(reference.indexOf('#') + 1);
    const isDynamic = target.resource.dynamicAnchors.get(anchor)?.schema === target.schema;
    const dynamic = isDynamic ? node.scope.targets.get(anchor) : undefined;
    return this.#within(dynamic ?? target, node.scope);
  }

  #target(node: SchemaNode, reference: string): SchemaNode | boolean {
    const hash = reference.indexOf('#');
    const address = hash < 0 ? reference : reference.slice(0, hash);
    const fragment = hash < 0 ? '' : reference.slice(hash + 1);
    const resource =
      address === '' ? node.resource : this.#resource(absolute(address, node.resource.uri), node);
    if (resource === undefined)
      return unresolved(
        node,
        reference,
        "is not in this document; put the schema it names under $defs, or supply its document in the option 'documents'",
      );
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

  /** A resource by URI: one met already, or the root of a supplied document, which may be a boolean. */
  #resource(uri: string, from: SchemaNode): Resource | boolean | undefined {
    const known = this.#resources.get(uri);
    if (known) return known;
    const document = this.#load(uri);
    if (document === undefined || typeof document === 'boolean') return document;
    if (!isObject(document))
      throw new CompileError('invalid_schema', `the document ${uri} is ${typeName(document)}, not a schema`, {
        pointer: from.pointer,
      });
    // Shown pointers of another document begin with its URI.
    const { resource } = this.#discover(document, uri, { ...from.resource, uri, isForeign: true });
    this.#resources.set(uri, resource);
    return resource;
  }

  #load(uri: string): Json | undefined {
    return (this.#documents.get(uri) ?? this.#documents.get(`${uri}#`))?.();
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
  #discover(schema: JsonObject, pointer: string, home: Resource | ForeignHome | undefined): SchemaNode {
    const first = this.#register(schema, pointer, home);
    const pending = [first];
    for (let node = pending.pop(); node; node = pending.pop()) {
      const parent = node;
      if (!refStandsAlone(parent)) checkKeywords(parent.schema, parent.pointer);
      forEachSubschema(parent.schema, (value, path) => {
        if (!isObject(value) || this.#nodes.has(value)) return;
        pending.push(this.#register(value, parent.pointer + path, parent.resource));
      });
    }
    return first;
  }

  #register(schema: JsonObject, pointer: string, home: Resource | ForeignHome | undefined): SchemaNode {
    const resource = this.#resourceOf(schema, pointer, home);
    const node: SchemaNode = { id: this.#count++, schema, pointer, resource, scope: NO_SCOPE };
    this.#nodes.set(schema, node);
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const anchor = schema.get(keyword);
      if (typeof anchor !== 'string') continue;
      this.#anchors.set(`${resource.uri}#${anchor}`, node);
      if (keyword === '$dynamicAnchor') resource.dynamicAnchors.set(anchor, node);
    }
    if (resource.root === schema && schema.get('$recursiveAnchor') === true)
      resource.dynamicAnchors.set(RECURSIVE, node);
    const id = identifier(schema, resource.draft);
    if (id?.startsWith('#')) this.#anchors.set(`${resource.uri}${id}`, node);
    return node;
  }

  #resourceOf(schema: JsonObject, pointer: string, home: Resource | ForeignHome | undefined): Resource {
    const begins = home === undefined || 'isForeign' in home;
    const declared = !begins && !schema.has('$id') && !schema.has('id') ? undefined : schema.get('$schema');
    const dialect =
      typeof declared === 'string'
        ? dialectOf(declared, pointer, (uri) => this.#load(uri))
        : (home?.dialect ?? DEFAULT_DIALECT);
    const { draft } = dialect;
    const id = identifier(schema, draft);
    const ignored = draft !== undefined && draft <= 7 && schema.has('$ref');
    const starts = id !== undefined && !id.startsWith('#') && !ignored;
    if (!begins && !starts) return home;
    const base = home?.uri ?? BASE_URI;
    const uri = starts ? absolute(id, base) : base;
    const resource: Resource = { uri, root: schema, pointer, draft, dialect, dynamicAnchors: new Map() };
    this.#resources.set(uri, resource);
    return resource;
  }
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
