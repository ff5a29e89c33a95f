// From statements to definitions by name: imports, overriding and extending, what is ignored and declared. Names from other
// grammars are prefixed with theirs, as Lark does it, so that nothing of them collides.
import { CompileError } from '../../errors.js';
import { LIBRARY } from './library/index.js';
import { type ParseLimits, parse } from './parser.js';
import type {
  Attribute,
  Definition as DefinitionStatement,
  Expression,
  Position,
  Statement,
} from './syntax.js';
import { isTerminalName } from './syntax.js';
import { renamed } from './walk.js';

export interface Definition {
  readonly name: string;
  readonly isTerminal: boolean;
  /** Absent when it is declared only. */
  readonly body?: Expression;
  readonly params: readonly string[];
  readonly priority: number;
  readonly parametric: boolean;
  readonly attributes: readonly Attribute[];
  readonly position: Position;
}

export interface Definitions {
  readonly byName: Map<string, Definition>;
  /** Terminals that may stand between any two. */
  readonly ignored: string[];
  /** JSON texts of `%llguidance` and `%grammar_options`. */
  readonly options: readonly (Statement & { kind: 'options' })[];
}

export interface LoadOptions extends ParseLimits {
  /** Grammars that `%import` may name, by dotted path; a relative path begins with a dot. */
  readonly imports: Readonly<Record<string, string>>;
  /** Whether rules and terminals may have a priority; default true. */
  readonly priorities?: boolean;
}

type Rename = (name: string) => string;

/** Grammars that import one another. */
const MAX_IMPORT_DEPTH = 20;

/** @throws CompileError `invalid_grammar`, `unresolved_reference` for an import that nobody supplies */
export function load(statements: readonly Statement[], options: LoadOptions): Definitions {
  return new Loader(options, undefined, 0).load(statements);
}

class Loader {
  readonly #options: LoadOptions;
  /** Absent for the grammar itself. */
  readonly #rename: Rename | undefined;
  readonly #depth: number;
  readonly #byName = new Map<string, Definition>();
  readonly #ignored: string[] = [];
  readonly #grammarOptions: (Statement & { kind: 'options' })[] = [];

  constructor(options: LoadOptions, rename: Rename | undefined, depth: number) {
    this.#options = options;
    this.#rename = rename;
    this.#depth = depth;
  }

  load(statements: readonly Statement[]): Definitions {
    for (const [key, imported] of groupImports(statements)) this.#import(key, imported);
    for (const statement of statements) this.#take(statement);
    return { byName: this.#byName, ignored: this.#ignored, options: this.#grammarOptions };
  }

  #take(statement: Statement): void {
    switch (statement.kind) {
      case 'definition':
        this.#checkPriority(statement);
        if (statement.how === 'extend') this.#extend(this.#definition(statement));
        else this.#define(this.#definition(statement), statement.how === 'override');
        return;
      case 'ignore':
        if (!this.#rename) this.#ignore(statement.body, statement.position);
        return;
      case 'declare':
        for (const name of statement.names) this.#declare(this.#renamed(name), statement.position);
        return;
      case 'options':
        this.#grammarOptions.push(statement);
    }
  }

  /** llguidance and xgrammar know none. */
  #checkPriority({ priority, position }: DefinitionStatement): void {
    if (priority !== 0 && this.#options.priorities === false)
      throw new CompileError('unsupported_keyword', 'this dialect has no priorities', {
        ...position,
        keyword: 'priority',
      });
  }

  #definition({ name, isTerminal, body, params, ...rest }: DefinitionStatement): Definition {
    const { priority, parametric, attributes, position } = rest;
    return {
      name: this.#renamed(name),
      isTerminal,
      body: this.#rename ? renamed(body, this.#rename) : body,
      params: params.map((param) => this.#renamed(param)),
      priority,
      parametric,
      attributes,
      position,
    };
  }

  #define(definition: Definition, overrides: boolean): void {
    const { name, position } = definition;
    if (this.#byName.has(name) !== overrides)
      throw new CompileError(
        'invalid_grammar',
        overrides ? `there is no '${name}' to override` : `'${name}' is defined twice`,
        { ...position },
      );
    this.#byName.set(name, definition);
  }

  #extend(definition: Definition): void {
    const { name, position, body, isTerminal, params } = definition;
    const base = this.#byName.get(name);
    if (!base?.body || base.isTerminal !== isTerminal || base.params.join() !== params.join())
      throw new CompileError('invalid_grammar', `there is no '${name}' of this kind to extend`, {
        ...position,
      });
    const options = base.body.kind === 'choice' ? base.body.options : [base.body];
    this.#byName.set(name, { ...base, body: { kind: 'choice', options: [body!, ...options] } });
  }

  #declare(name: string, position: Position): void {
    const declared = { params: [], priority: 0, parametric: false, attributes: [], position };
    this.#define({ name, isTerminal: isTerminalName(name), ...declared }, false);
  }

  #ignore(body: Expression, position: Position): void {
    if (body.kind === 'name' && isTerminalName(body.name)) {
      this.#ignored.push(body.name);
      return;
    }
    const name = `__IGNORE_${this.#ignored.length}`;
    this.#ignored.push(name);
    this.#byName.set(name, {
      name,
      isTerminal: true,
      body,
      params: [],
      priority: 0,
      parametric: false,
      attributes: [],
      position,
    });
  }

  #import(key: string, { path, position, names }: Import): void {
    const text = this.#options.imports[key] ?? this.#options.imports[path] ?? LIBRARY[key];
    if (text === undefined)
      throw new CompileError('unresolved_reference', `there is no grammar '${key}' to import from`, {
        ...position,
        keyword: '%import',
      });
    if (this.#depth >= MAX_IMPORT_DEPTH)
      throw new CompileError('invalid_grammar', `importing '${key}' goes round in circles`, { ...position });
    const aliases = new Map(names);
    const rename = (name: string) => this.#renamed(aliases.get(name) ?? prefixed(path, name));
    const module = new Loader(this.#options, rename, this.#depth + 1).load(parse(text, this.#options));
    const missing = names.find(([name]) => !module.byName.has(rename(name)));
    if (missing)
      throw new CompileError('unresolved_reference', `the grammar '${key}' has no '${missing[0]}'`, {
        ...position,
        keyword: '%import',
      });
    for (const name of needed(module.byName, [...aliases.keys()].map(rename))) {
      if (this.#byName.has(name))
        throw new CompileError('invalid_grammar', `'${name}' is imported and defined already`, {
          ...position,
        });
      this.#byName.set(name, { ...module.byName.get(name)!, position });
    }
  }

  #renamed(name: string): string {
    return this.#rename ? this.#rename(name) : name;
  }
}

interface Import {
  readonly path: string;
  readonly position: Position;
  readonly names: (readonly [string, string])[];
}

/** Imports of one grammar are one import. */
function groupImports(statements: readonly Statement[]): Map<string, Import> {
  const imports = new Map<string, Import>();
  for (const statement of statements) {
    if (statement.kind !== 'import') continue;
    const path = statement.path.join('.');
    const key = statement.relative ? `.${path}` : path;
    const known = imports.get(key);
    if (known) known.names.push(...statement.names);
    else imports.set(key, { path, position: statement.position, names: [...statement.names] });
  }
  return imports;
}

function prefixed(path: string, name: string): string {
  const prefix = path.replaceAll('.', '__');
  return name.startsWith('_') ? `_${prefix}__${name.slice(1)}` : `${prefix}__${name}`;
}

/** The names and all that their definitions refer to. */
function needed(byName: ReadonlyMap<string, Definition>, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const work = [...names];
  for (let name = work.pop(); name !== undefined; name = work.pop()) {
    const definition = byName.get(name);
    if (!definition || found.has(name)) continue;
    found.add(name);
    if (definition.body)
      renamed(definition.body, (inner) => {
        work.push(inner);
        return inner;
      });
  }
  return found;
}
