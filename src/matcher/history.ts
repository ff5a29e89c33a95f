// What an output came to, token by token: a list that forks of a matcher share, linked backwards.

/**
 * The last of a list and, by its links, all before it. Adding to it and sharing it take constant time, going back a time
 * that grows with the logarithm of the distance: `jump` is as Myers has it in "An applicative random-access stack"
 * (Information Processing Letters 17, 1983).
 */
export class History<T> {
  readonly value: T;
  /** How many come before this one. */
  readonly depth: number;
  private readonly parent: History<T> | undefined;
  private readonly jump: History<T> | undefined;

  constructor(value: T, parent?: History<T>) {
    this.value = value;
    this.depth = parent ? parent.depth + 1 : 0;
    this.parent = parent;
    const near = parent?.jump;
    const far = near?.jump;
    this.jump = near && far && parent.depth - near.depth === near.depth - far.depth ? far : parent;
  }

  /** The list as it was `count` steps ago, at most `depth`. */
  back(count: number): History<T> {
    const depth = this.depth - count;
    let at: History<T> = this;
    while (at.depth > depth) at = at.jump!.depth >= depth ? at.jump! : at.parent!;
    return at;
  }
}
