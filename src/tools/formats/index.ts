// All formats that are declared; in detection, of two that fit a template equally well the first counts.
import type { Declaration } from '../declaration.js';
import { functionTagFormats } from './function-tags.js';
import { invokeFormats } from './invoke.js';
import { jsonObjectFormats } from './json-objects.js';
import { keyValueFormats } from './key-value.js';
import { literalFormats } from './literals.js';
import { llama3 } from './llama.js';
import { namedJsonFormats } from './named-json.js';

export const declarations: readonly Declaration[] = [
  ...jsonObjectFormats,
  llama3,
  ...namedJsonFormats,
  ...functionTagFormats,
  ...keyValueFormats,
  ...invokeFormats,
  ...literalFormats,
];
