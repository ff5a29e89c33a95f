import { jsonJump } from './bench/engine/json-jump.js';
for (const batch of [1, 8]) for (const compact of [false, true]) await jsonJump(7, batch, compact, console.log);
