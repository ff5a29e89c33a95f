// Compiles the IR to a pushdown automaton, linear in the grammar: rules become states, references become calls, a
// reference in last place becomes a jump, counted repetition becomes a counter, lexemes used twice are shared.
// The passes before it (see compileGrammar) have removed left recursion, dead rules and nullable loop bodies.
import {
  ACCEPT_STATE,
  type Dfa,
  dfaKey,
  EdgeKind,
  MAX_BITS,
  type Pda,
  type TextCheck,
  type TokenSet,
} from '../automata/index.js';
import { LimitError } from '../errors.js';
import type { Grammar, Node, RegisterOp, RuleId } from './ir.js';
import { usesRegisters } from './registers.js';
import { type StateOrigins, Trace } from './trace.js';

export interface PdaLimits {
  /** Most states of the automaton; default 4,000,000. */
  readonly maxAutomatonStates?: number;
}

/** A lexeme with fewer states than this is copied where it stands instead of being shared by call. */
const SHARED_LEXEME_STATES = 5;

/** @throws LimitError `maxAutomatonStates` */
export function toPda(grammar: Grammar, limits: PdaLimits = {}): Pda {
  return new PdaCompiler(grammar, limits.maxAutomatonStates ?? 4_000_000).run();
}

/** {@link toPda}, with what each state was made for. */
export function tracedPda(grammar: Grammar, limits: PdaLimits = {}): { pda: Pda; origins: StateOrigins } {
  const trace = new Trace();
  const pda = new PdaCompiler(grammar, limits.maxAutomatonStates ?? 4_000_000, trace).run();
  return { pda, origins: trace.origins() };
}

/** Edges under construction, by state: flat lists of kind, a, b, to. */
type EdgeLists = number[][];

class PdaCompiler {
  readonly #grammar: Grammar;
  readonly #maxStates: number;
  readonly #states: EdgeLists = [];
  /** For each state of a lexeme, which copy of a lexeme it belongs to, from 1; 0 for the others. */
  readonly #lexemes: number[] = [];
  #copies = 0;
  readonly #returnState: number;
  readonly #ruleEntry = new Map<RuleId, number>();
  readonly #lexemeEntry = new Map<string, number>();
  /** Pieces to be built; `framed`: the body is a counted repeat that has its frame already. */
  readonly #pending: {
    readonly entry: number;
    readonly body: Node;
    readonly framed?: boolean;
    readonly rule: RuleId | undefined;
  }[] = [];
  readonly #hasCounter = new Map<Node, boolean>();
  /** Where scopes use registers, every counted repeat gets a frame of its own: a scope's counter is then its own, too. */
  readonly #usesRegisters: boolean;
  readonly #tokenSets: TokenSet[] = [];
  readonly #checks: TextCheck[] = [];
  readonly #tokenSetIds = new Map<string, number>();
  /** Listens, where somebody asks what states are for. */
  readonly #trace: Trace | undefined;
  /** The rule whose body is being built. */
  #rule: RuleId | undefined;

  constructor(grammar: Grammar, maxStates: number, trace?: Trace) {
    this.#grammar = grammar;
    this.#maxStates = maxStates;
    this.#trace = trace;
    this.#usesRegisters = usesRegisters(grammar);
    this.#state(); // ACCEPT_STATE
    this.#returnState = this.#state();
    this.#edge(this.#returnState, EdgeKind.return, 0, 0, ACCEPT_STATE);
  }

  run(): Pda {
    const start = this.#state();
    this.#pending.push({ entry: start, body: this.#grammar.start, rule: undefined });
    for (let piece = this.#pending.pop(); piece; piece = this.#pending.pop()) {
      const { entry, body, framed } = piece;
      this.#rule = piece.rule;
      const built =
        framed && body.kind === 'repeat'
          ? this.#loop(body, this.#returnState)
          : this.#build(body, this.#returnState);
      this.#edge(entry, EdgeKind.epsilon, 0, 0, built);
    }
    const { pda, order } = pack(this.#states, this.#lexemes, start, this.#tokenSets, this.#checks);
    this.#trace?.number(order);
    return pda;
  }

  /** The state from which `node` is read and `then` reached. In last place `then` is the return state. */
  #build(node: Node, then: number): number {
    switch (node.kind) {
      case 'empty':
        return then;
      case 'never':
        return this.#state();
      case 'bytes':
        return this.#literal(node.bytes, then);
      case 'regular':
        return this.#lexeme(node.dfa, node.quiet ?? false, then);
      case 'sequence':
        return this.#sequence(node.items, then);
      case 'choice': {
        const entry = this.#state();
        for (const option of node.options)
          this.#edge(entry, EdgeKind.epsilon, 0, 0, this.#build(option, then));
        return entry;
      }
      case 'repeat':
        return this.#repeat(node, then);
      case 'reference':
        return this.#call(this.#entryOf(node.rule), then);
      case 'scope':
        return this.#framed(node.body, then);
      case 'op':
        return this.#op(node.op, then);
      case 'token':
        return this.#single(EdgeKind.token, this.#tokenSet(node.tokens), 0, then);
    }
  }

  /**
   * A literal's first byte belongs to the lexeme before it where it tells that the lexeme is over: the lexeme's states then
   * stand alone in most configuration sets. Who traces is told of terminals as the grammar has them.
   */
  #sequence(items: readonly Node[], then: number): number {
    let next = then;
    for (let i = items.length - 1; i >= 0; i--) {
      const item = items[i];
      const before = items[i - 1];
      const closed =
        !this.#trace && item.kind === 'bytes' && before?.kind === 'regular' && !before.quiet
          ? closedBy(before.dfa, item.bytes[0])
          : undefined;
      if (closed && item.kind === 'bytes') {
        next = this.#lexeme(closed, false, this.#literal(item.bytes.subarray(1), next));
        i--;
      } else next = this.#build(item, next);
    }
    return next;
  }

  #op(op: RegisterOp, then: number): number {
    switch (op.kind) {
      case 'count':
        return this.#single(EdgeKind.count, op.limit, op.saturates ? 1 : 0, then);
      case 'atLeast':
        return op.min <= 0 ? then : this.#single(EdgeKind.atLeast, op.min, 0, then);
      case 'mark':
        if (op.bit >= MAX_BITS)
          throw new LimitError('MAX_BITS', MAX_BITS, 'one object has too many properties for any order');
        return this.#single(EdgeKind.mark, op.bit, 0, then);
      case 'room':
      case 'marked':
        return this.#single(EdgeKind[op.kind], op.from, op.to, then);
      case 'capture':
      case 'verify':
        return this.#single(EdgeKind[op.kind], this.#check(op.check), 0, then);
      case 'begin':
        return this.#single(EdgeKind.begin, op.recalls ? 1 : 0, 0, then);
      case 'known':
      case 'distinct':
        return this.#single(EdgeKind[op.kind], 0, 0, then);
    }
  }

  #check(check: TextCheck): number {
    const known = this.#checks.indexOf(check);
    return known >= 0 ? known : this.#checks.push(check) - 1;
  }

  #tokenSet(set: TokenSet): number {
    const key = JSON.stringify(set);
    let id = this.#tokenSetIds.get(key);
    if (id === undefined) {
      id = this.#tokenSets.push(set) - 1;
      this.#tokenSetIds.set(key, id);
    }
    return id;
  }

  /** A state with one edge. */
  #single(kind: EdgeKind, a: number, b: number, then: number): number {
    const state = this.#state();
    this.#edge(state, kind, a, b, then);
    return state;
  }

  /** `body` behind a call that always pushes a frame, in last place too. */
  #framed(body: Node, then: number, framed = false): number {
    const entry = this.#state();
    this.#pending.push({ entry, body, framed, rule: this.#rule });
    return this.#single(EdgeKind.call, entry, 0, then);
  }

  #literal(bytes: Uint8Array, then: number): number {
    let next = then;
    for (let i = bytes.length - 1; i >= 0; i--) {
      const state = this.#state();
      this.#trace?.terminal(state, bytes, i);
      this.#edge(state, EdgeKind.bytes, bytes[i], bytes[i], next);
      next = state;
    }
    return next;
  }

  #lexeme(dfa: Dfa, quiet: boolean, then: number): number {
    const kind = quiet && this.#usesRegisters ? EdgeKind.quiet : EdgeKind.bytes;
    if (dfa.edges.length < SHARED_LEXEME_STATES) return this.#copy(dfa, kind, then);
    const key = `${kind}${dfaKey(dfa)}`;
    let entry = this.#lexemeEntry.get(key);
    if (entry === undefined) {
      entry = this.#copy(dfa, kind, this.#returnState);
      this.#lexemeEntry.set(key, entry);
    } else this.#trace?.share(entry, dfa.edges.length);
    return this.#call(entry, then);
  }

  #copy(dfa: Dfa, kind: EdgeKind, then: number): number {
    const first = this.#states.length;
    this.#copies++;
    for (let s = 0; s < dfa.edges.length; s++) {
      const state = this.#state();
      this.#lexemes[state] = this.#copies;
      this.#trace?.terminal(state, dfa, s);
    }
    dfa.edges.forEach((edges, s) => {
      for (const { lo, hi, to } of edges) this.#edge(first + s, kind, lo, hi, first + to);
      if (dfa.accept[s]) this.#edge(first + s, EdgeKind.epsilon, 0, 0, then);
    });
    return first;
  }

  /** A call in last place needs no frame: whoever is returned to next is already on the stack. */
  #call(entry: number, then: number): number {
    if (then === this.#returnState) return entry;
    const state = this.#state();
    this.#edge(state, EdgeKind.call, entry, 0, then);
    return state;
  }

  /**
   * Loops are built around a head state. With a bound beyond 0, 1 or Infinity the head counts in the frame of the rule;
   * an item that counts too gets a frame of its own, so one counter a frame is enough.
   */
  #repeat(node: Node & { kind: 'repeat' }, then: number): number {
    const counted = node.max !== Number.POSITIVE_INFINITY || node.min > 1;
    return counted && this.#usesRegisters ? this.#framed(node, then, true) : this.#loop(node, then);
  }

  #loop(node: Node & { kind: 'repeat' }, then: number): number {
    const { item, min, max } = node;
    const head = this.#state();
    if (max === Number.POSITIVE_INFINITY && min <= 1) {
      const body = this.#build(item, head);
      this.#edge(head, EdgeKind.epsilon, 0, 0, body);
      this.#edge(head, EdgeKind.epsilon, 0, 0, then);
      return min === 0 ? head : body;
    }
    const unbounded = max === Number.POSITIVE_INFINITY;
    const counted = this.#state();
    const body = this.#counts(item) ? this.#call(this.#ruleFor(item), head) : this.#build(item, head);
    this.#edge(head, EdgeKind.count, unbounded ? min : max, unbounded ? 1 : 0, counted);
    this.#edge(counted, EdgeKind.epsilon, 0, 0, body);
    this.#edge(head, EdgeKind.check, min, 0, then);
    return head;
  }

  /** Whether building `node` in place would use the frame's counter. */
  #counts(node: Node): boolean {
    const known = this.#hasCounter.get(node);
    if (known !== undefined) return known;
    let counts = false;
    if (node.kind === 'sequence') counts = node.items.some((item) => this.#counts(item));
    else if (node.kind === 'choice') counts = node.options.some((option) => this.#counts(option));
    else if (node.kind === 'repeat')
      counts = node.max !== Number.POSITIVE_INFINITY || node.min > 1 || this.#counts(node.item);
    else if (node.kind === 'scope') counts = false;
    this.#hasCounter.set(node, counts);
    return counts;
  }

  #entryOf(rule: RuleId): number {
    let entry = this.#ruleEntry.get(rule);
    if (entry === undefined) {
      entry = this.#ruleFor(this.#grammar.rules[rule].body, rule);
      this.#ruleEntry.set(rule, entry);
    }
    return entry;
  }

  #ruleFor(body: Node, rule = this.#rule): number {
    const entry = this.#state();
    this.#pending.push({ entry, body, rule });
    return entry;
  }

  #state(): number {
    if (this.#states.length >= this.#maxStates)
      throw new LimitError(
        'maxAutomatonStates',
        this.#maxStates,
        'the grammar needs too many automaton states',
      );
    this.#trace?.state(this.#rule);
    this.#lexemes.push(0);
    return this.#states.push([]) - 1;
  }

  #edge(from: number, kind: EdgeKind, a: number, b: number, to: number): void {
    this.#states[from].push(kind, a, b, to);
  }
}

const closed = new WeakMap<Dfa, Map<number, Dfa>>();

/** The words of a lexeme, each with `byte` behind it; undefined where such a byte could also go on inside the lexeme. */
function closedBy(dfa: Dfa, byte: number): Dfa | undefined {
  const holds = (edges: Dfa['edges'][number]) => edges.some(({ lo, hi }) => lo <= byte && byte <= hi);
  if (dfa.edges.some((edges, state) => dfa.accept[state] === 1 && holds(edges))) return undefined;
  let byByte = closed.get(dfa);
  if (!byByte) closed.set(dfa, (byByte = new Map()));
  let result = byByte.get(byte);
  if (!result) {
    const end = dfa.edges.length;
    const edges = dfa.edges.map((list, state) =>
      dfa.accept[state] === 1 ? [...list, { lo: byte, hi: byte, to: end }].sort((a, b) => a.lo - b.lo) : list,
    );
    const accept = new Uint8Array(end + 1);
    accept[end] = 1;
    result = { edges: [...edges, []], accept };
    byByte.set(byte, result);
  }
  return result;
}

/**
 * Drops states that only pass on to another, and unreachable ones, and numbers the rest in breadth-first order, so that
 * equal grammars give equal images.
 */
function pack(
  states: EdgeLists,
  lexemes: readonly number[],
  start: number,
  tokenSets: readonly TokenSet[],
  checks: readonly TextCheck[],
): { readonly pda: Pda; readonly order: readonly number[] } {
  const target = (state: number) => followPasses(states, state);
  const number = new Map<number, number>([[ACCEPT_STATE, ACCEPT_STATE]]);
  const order = [ACCEPT_STATE];
  const visit = (state: number): number => {
    const goal = target(state);
    let id = number.get(goal);
    if (id === undefined) {
      id = order.push(goal) - 1;
      number.set(goal, id);
    }
    return id;
  };
  const first = visit(start);
  const edgeStart: number[] = [0];
  const edges: number[] = [];
  for (let at = 0; at < order.length; at++) {
    const list = states[order[at]];
    for (let i = 0; i < list.length; i += 4) {
      const a = list[i] === EdgeKind.call ? visit(list[i + 1]) : list[i + 1];
      edges.push(list[i], a, list[i + 2], visit(list[i + 3]));
    }
    edgeStart.push(edges.length / 4);
  }
  const pda = {
    stateCount: order.length,
    start: first,
    edgeStart: Int32Array.from(edgeStart),
    edges: Int32Array.from(edges),
    lexemeOf: Int32Array.from(order, (state) => lexemes[state]),
    tokenSets,
    checks,
  };
  return { pda, order };
}

function followPasses(states: EdgeLists, state: number): number {
  const seen = new Set<number>();
  let at = state;
  while (!seen.has(at) && states[at].length === 4 && states[at][0] === EdgeKind.epsilon) {
    seen.add(at);
    at = states[at][3];
  }
  return at;
}
