// Door of the masks room: token masks of automaton states.
export { MaskMemo } from './memo.js';
export { maskWords, walkMask } from './walk.js';
