// Compiles the IR to a pushdown automaton, linear in the grammar: rules become states, references become calls, a
// reference in last place becomes a jump, counted repetition becomes a counter, lexemes used twice are shared.
// The passes before it (see compileGrammar) have removed left recursion, dead rules and nullable loop bodies.
import {
  ACCEPT_STATE,
  checkDeadline,
  type Dfa,
  EdgeKind,
  FLAT_WORDS,
  flatOf,
  MAX_BITS,
  type Pda,
  sameFlat,
  type TextCheck,
  type TokenSet,
} from '../automata/index.js';
import { LimitError } from '../errors.js';
import { closedBy } from './closed-lexeme.js';
import { EdgeStore } from './edge-store.js';
import type { Grammar, Node, RegisterOp, RuleId } from './ir.js';
import { hasScopes } from './kinds.js';
import { type LexemeBlock, type Lexemes, pack } from './pack.js';
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

/** No state. */
const NO_ENTRY = -1;

/** For one compilation after the other. */
const store = new EdgeStore();

class PdaCompiler {
  readonly #grammar: Grammar;
  readonly #maxStates: number;
  readonly #store = store.clear();
  /** Copies of lexemes so far. */
  #copies = 0;
  readonly #returnState: number;
  /** By rule; {@link NO_ENTRY} where nothing has led there yet. */
  readonly #ruleEntry: Int32Array;
  readonly #lexemes: Lexemes = new Map();
  /** Shared lexemes by the sketch of their automaton. */
  readonly #lexemesBySketch = new Map<number, LexemeBlock[]>();
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
    this.#ruleEntry = new Int32Array(grammar.rules.length).fill(NO_ENTRY);
    this.#usesRegisters = hasScopes(grammar);
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
    const { pda, order } = pack(
      this.#store,
      this.#lexemes,
      start,
      this.#returnState,
      this.#tokenSets,
      this.#checks,
    );
    this.#trace?.number(order());
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
        next = this.#lexeme(closed, false, this.#literal(item.bytes, next, 1));
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

  /** The bytes of a literal from `from` on. */
  #literal(bytes: Uint8Array, then: number, from = 0): number {
    if (bytes.length === from) return then;
    this.#checkStates(bytes.length - from);
    const first = this.#store.addLiteral(bytes, from, then);
    for (let i = from; this.#trace && i < bytes.length; i++) this.#trace.terminal(first + i - from, bytes, i);
    return first;
  }

  #lexeme(dfa: Dfa, quiet: boolean, then: number): number {
    const kind = quiet && this.#usesRegisters ? EdgeKind.quiet : EdgeKind.bytes;
    if (dfa.accept.length < SHARED_LEXEME_STATES) return this.#copy(dfa, kind, then);
    return this.#call(this.#shared(dfa, kind), then);
  }

  /** The entry of a lexeme's one piece. Its states' edges are left to {@link pack}. */
  #shared(dfa: Dfa, kind: LexemeBlock['kind']): number {
    const flat = flatOf(dfa);
    let same = this.#lexemesBySketch.get(flat.sketch);
    if (!same) this.#lexemesBySketch.set(flat.sketch, (same = []));
    for (const block of same)
      if (block.kind === kind && sameFlat(block.flat, flat)) {
        this.#trace?.share(block.entry, flat.accept.length);
        return block.entry;
      }
    const entry = this.#states(flat.accept.length, ++this.#copies);
    const block = { kind, flat, entry };
    same.push(block);
    this.#lexemes.set(entry, block);
    if (this.#trace) for (let s = 0; s < flat.accept.length; s++) this.#trace.terminal(entry + s, dfa, s);
    return entry;
  }

  #copy(dfa: Dfa, kind: LexemeBlock['kind'], then: number): number {
    const { edgeStart, edges, accept } = flatOf(dfa);
    const first = this.#states(accept.length, ++this.#copies);
    for (let s = 0; s < accept.length; s++) {
      this.#trace?.terminal(first + s, dfa, s);
      for (let at = edgeStart[s] * FLAT_WORDS; at < edgeStart[s + 1] * FLAT_WORDS; at += FLAT_WORDS)
        this.#edge(first + s, kind, edges[at], edges[at + 1], first + edges[at + 2]);
      if (accept[s]) this.#edge(first + s, EdgeKind.epsilon, 0, 0, then);
    }
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
    if (node.kind === 'sequence') counts = this.#anyCounts(node.items);
    else if (node.kind === 'choice') counts = this.#anyCounts(node.options);
    else if (node.kind === 'repeat')
      counts = node.max !== Number.POSITIVE_INFINITY || node.min > 1 || this.#counts(node.item);
    else if (node.kind === 'scope') counts = false;
    this.#hasCounter.set(node, counts);
    return counts;
  }

  #anyCounts(nodes: readonly Node[]): boolean {
    for (const node of nodes) if (this.#counts(node)) return true;
    return false;
  }

  #entryOf(rule: RuleId): number {
    if (this.#ruleEntry[rule] === NO_ENTRY)
      this.#ruleEntry[rule] = this.#ruleFor(this.#grammar.rules[rule].body, rule);
    return this.#ruleEntry[rule];
  }

  #ruleFor(body: Node, rule = this.#rule): number {
    const entry = this.#state();
    this.#pending.push({ entry, body, rule });
    return entry;
  }

  #state(): number {
    return this.#states(1);
  }

  /** The first of `count` new states, which belong to this copy of a lexeme. */
  #states(count: number, copy = 0): number {
    this.#checkStates(count);
    return this.#store.addStates(count, copy);
  }

  /** Before so many states are made. */
  #checkStates(count: number): void {
    checkDeadline();
    if (this.#store.stateCount + count > this.#maxStates)
      throw new LimitError(
        'maxAutomatonStates',
        this.#maxStates,
        'the grammar needs too many automaton states',
      );
    if (this.#trace) for (let i = 0; i < count; i++) this.#trace.state(this.#rule);
  }

  #edge(from: number, kind: EdgeKind, a: number, b: number, to: number): void {
    this.#store.addEdge(from, kind, a, b, to);
  }
}
