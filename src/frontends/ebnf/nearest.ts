// The rule that somebody meant when they wrote a name that does not exist.

/** Names longer than this are not compared: a suggestion must stay cheap. */
const MAX_NAME = 64;

/** The known name with the smallest edit distance to `name`, when that is at most a third of its length. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length > MAX_NAME) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (candidate.length > MAX_NAME || Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

/** Insertions, deletions and replacements (Levenshtein 1966), by the row-wise table. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let l = 1; l <= left.length; l++) {
    const next = [l];
    for (let r = 1; r <= right.length; r++) {
      const replaced = row[r - 1] + (left[l - 1] === right[r - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[r] + 1, next[r - 1] + 1));
    }
    row = next;
  }
  return row[right.length];
}
