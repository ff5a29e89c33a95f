// The order of numbers. One function for all who sort: a closure made where it is used would be optimised again and again.

/** For `sort`: the smaller number first. */
export function ascending(a: number, b: number): number {
  return a - b;
}
