// xgrammar's macros to IR. The forms of their arguments are xgrammar's; what it refuses, we refuse.
import { type AutomatonLimits, NfaBuilder } from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import {
  choiceOf,
  dispatch,
  type FreeTextLimits,
  type GrammarBuilder,
  type Node,
  regular,
  repeat,
  sequence,
  token,
} from '../../grammar/index.js';
import type { Expression, MacroArgument, Position } from './syntax.js';
import { xgrammarRegex } from './xgrammar-regex.js';

type MacroCall = Expression & { readonly kind: 'macro' };

export interface MacroContext {
  readonly builder: GrammarBuilder;
  /** The rule of a name. @throws CompileError when there is none */
  readonly rule: (name: string, position: Position) => Node;
  readonly limits: AutomatonLimits & FreeTextLimits;
}

/** @throws CompileError `invalid_grammar` for arguments of the wrong form */
export function lowerMacro(call: MacroCall, context: MacroContext): Node {
  switch (call.macro) {
    case 'Regex':
      return regexMacro(call, context);
    case 'Substring':
      checkNames(call, []);
      return substring(
        call.args.map((argument) => text(argument)),
        context.limits,
      );
    case 'Token':
    case 'ExcludeToken': {
      checkNames(call, []);
      if (call.args.length === 0) throw fault(call.position, `${call.macro} needs at least one token`);
      return token({ except: call.macro === 'ExcludeToken', tokens: call.args.map(tokenOf) });
    }
    case 'TagDispatch':
      return tagDispatch(call, context);
    case 'TokenTagDispatch':
      return tokenTagDispatch(call, context);
  }
}

function regexMacro(call: MacroCall, { limits }: MacroContext): Node {
  checkNames(call, ['flags', 'json_string']);
  const [pattern, ...more] = call.args.filter(({ name }) => name === undefined);
  if (!pattern || more.length > 0) throw fault(call.position, 'Regex needs exactly one pattern');
  const flags = named(call, 'flags');
  const jsonString = named(call, 'json_string');
  const options = {
    ...limits,
    ...(flags && { flags: text(flags) }),
    ...(jsonString && { jsonString: truth(jsonString) }),
  };
  try {
    return xgrammarRegex(text(pattern), options);
  } catch (error) {
    if (!(error instanceof CompileError) || error.code === 'limit_exceeded') throw error;
    throw new CompileError(
      error.code,
      error.message,
      { ...pattern.position, keyword: error.location.keyword ?? 'Regex' },
      { cause: error },
    );
  }
}

/** Any run of consecutive chunks, the empty one too. */
function substring(chunks: readonly string[], limits: AutomatonLimits): Node {
  const encoder = new TextEncoder();
  const nfa = new NfaBuilder();
  const start = nfa.state();
  const borders = [nfa.state()];
  for (const chunk of chunks) {
    let at = borders[borders.length - 1];
    for (const byte of encoder.encode(chunk)) {
      const next = nfa.state();
      nfa.edge(at, byte, byte, next);
      at = next;
    }
    borders.push(at);
  }
  for (const border of borders) nfa.epsilon(start, border);
  return regular(nfa.toDfa(start, borders, limits));
}

function tagDispatch(call: MacroCall, { builder, rule, limits }: MacroContext): Node {
  checkNames(call, ['loop_after_dispatch', 'excludes']);
  const triggers = pairs(call, rule).map(([trigger, follows]) => {
    const tag = text(trigger);
    if (tag === '') throw fault(trigger.position, 'a tag must not be empty');
    return { text: tag, follows };
  });
  const excludes = tuple(named(call, 'excludes')).map((argument) => {
    const excluded = text(argument);
    if (excluded === '') throw fault(argument.position, 'an excluded string must not be empty');
    const never = triggers.find((trigger) => trigger.text.startsWith(excluded));
    if (never)
      throw fault(
        argument.position,
        `the excluded ${JSON.stringify(excluded)} begins the tag ${JSON.stringify(never.text)}`,
      );
    return excluded;
  });
  return dispatch(builder, 'TagDispatch', { triggers, excludes, loop: loops(call) }, limits);
}

function tokenTagDispatch(call: MacroCall, { rule }: MacroContext): Node {
  checkNames(call, ['loop_after_dispatch', 'excludes']);
  const triggers = pairs(call, rule).map(([trigger, follows]) => ({ id: tokenOf(trigger), follows }));
  const excluded = tuple(named(call, 'excludes')).map((argument) => {
    const id = tokenOf(argument);
    if (triggers.some((trigger) => trigger.id === id))
      throw fault(argument.position, `token ${id} is both a trigger and excluded`);
    return id;
  });
  const free = token({ except: true, tokens: [...triggers.map(({ id }) => id), ...excluded] });
  const tags = choiceOf(
    triggers.map(({ id, follows }) => sequence(token({ except: false, tokens: [id] }), follows)),
  );
  const many = Number.POSITIVE_INFINITY;
  return loops(call)
    ? repeat(choiceOf([free, tags]), 0, many)
    : sequence(repeat(free, 0, many), repeat(tags, 0, 1));
}

/** The `(trigger, rule)` arguments. */
function pairs(call: MacroCall, rule: MacroContext['rule']): [MacroArgument, Node][] {
  return call.args
    .filter(({ name }) => name === undefined)
    .map(({ value, position }) => {
      const items = value.kind === 'tuple' ? value.items : [];
      const target = items[1]?.value;
      if (items.length !== 2 || target?.kind !== 'word')
        throw fault(position, `${call.macro} takes pairs (trigger, rule)`);
      return [items[0], rule(target.word, items[1].position)];
    });
}

function loops(call: MacroCall): boolean {
  const argument = named(call, 'loop_after_dispatch');
  return argument ? truth(argument) : true;
}

function named(call: MacroCall, name: string): MacroArgument | undefined {
  return call.args.find((argument) => argument.name === name);
}

function checkNames({ macro, args }: MacroCall, known: readonly string[]): void {
  const seen = new Set<string>();
  for (const { name, position } of args) {
    if (name === undefined) continue;
    if (!known.includes(name)) throw fault(position, `${macro} has no argument '${name}'`);
    if (seen.has(name)) throw fault(position, `${macro} has the argument '${name}' twice`);
    seen.add(name);
  }
}

function text({ value, position }: MacroArgument): string {
  if (value.kind !== 'string') throw fault(position, 'expected a string');
  return value.text;
}

function truth({ value, position }: MacroArgument): boolean {
  if (value.kind === 'word' && value.word === 'true') return true;
  if (value.kind === 'word' && value.word === 'false') return false;
  throw fault(position, 'expected true or false');
}

function tuple(argument: MacroArgument | undefined): readonly MacroArgument[] {
  if (!argument) return [];
  if (argument.value.kind !== 'tuple') throw fault(argument.position, 'expected a list in parentheses');
  return argument.value.items;
}

/** A token by id, or by its text. */
function tokenOf({ value, position }: MacroArgument): string | number {
  if (value.kind === 'integer') return value.value;
  if (value.kind === 'string' && value.text !== '') return value.text;
  throw fault(position, 'expected the id or the text of a token');
}

function fault(position: Position, message: string): CompileError {
  return new CompileError('invalid_grammar', message, { ...position });
}
