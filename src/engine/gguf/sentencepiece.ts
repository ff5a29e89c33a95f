// SentencePiece's BPE joins, of all neighbours whose join is a piece, those whose piece has the highest score. A list of
// merges does the same where it has every way to make each piece, the highest score first.

/** Longest piece; SentencePiece's own default is 16 characters. Every way to cut one is tried. */
export const MAX_PIECE_CHARACTERS = 256;

/** The merges that make the pieces which `isPiece` names, most urgent first, as pairs of texts. */
export function mergesOf(
  pieces: readonly string[],
  scores: readonly number[],
  isPiece: (id: number) => boolean,
): [left: string, right: string][] {
  const ids = new Map<string, number>();
  for (const [id, piece] of pieces.entries()) if (isPiece(id)) ids.set(piece, id);
  const byScore = [...ids.values()].sort((a, b) => scores[b]! - scores[a]! || a - b);
  const merges: [string, string][] = [];
  for (const id of byScore) merges.push(...waysToMake(pieces[id]!, ids));
  return merges;
}

/** Both parts are pieces; those with the lowest ids first, as transformers' converter has them. */
function waysToMake(piece: string, ids: ReadonlyMap<string, number>): [string, string][] {
  const ways: { pair: [string, string]; left: number; right: number }[] = [];
  const characters = [...piece];
  let at = 0;
  for (let i = 1; i < characters.length; i++) {
    at += characters[i - 1]!.length;
    const pair: [string, string] = [piece.slice(0, at), piece.slice(at)];
    const left = ids.get(pair[0]);
    const right = ids.get(pair[1]);
    if (left !== undefined && right !== undefined) ways.push({ pair, left, right });
  }
  return ways.sort((a, b) => a.left - b.left || a.right - b.right).map(({ pair }) => pair);
}
