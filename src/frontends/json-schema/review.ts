// Goes over the keywords of one schema before it is used: refuses by name what cannot be enforced, and lists the
// annotations that people mistake for assertions. Keywords that restrict nothing where they stand are let pass.
import { allowedTypes } from './assertions.js';
import { type ContentPolicy, enforcedContent } from './content.js';
import type { SchemaNode } from './document.js';
import type { Findings } from './findings.js';
import { isValidation, roleOf } from './keywords.js';

const LISTED_ANNOTATIONS: ReadonlySet<string> = new Set([
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
]);

const NONE: ReadonlySet<string> = new Set();

/**
 * Returns the keywords that lenient findings let pass without being enforced.
 * @throws CompileError `unsupported_keyword` for a keyword that cannot be enforced, unless findings are lenient.
 */
export function reviewKeywords(
  node: SchemaNode,
  findings: Findings,
  content: ContentPolicy,
): ReadonlySet<string> {
  const enforced = enforcedContent(node.schema, content);
  const { schema, pointer } = node;
  const { draft, without } = node.resource.dialect;
  let ignored: Set<string> | undefined;
  for (const name of schema.keys()) {
    const role = roleOf(name, draft);
    if (role === 'refused') {
      if (restrictsNothing(name, node)) continue;
      findings.refuse(pointer, name, 'is not supported');
      ignored = (ignored ?? new Set()).add(name);
    } else if (role === 'other-draft') {
      findings.annotate(pointer, name);
      ignored = (ignored ?? new Set()).add(name);
    } else if (without === 'validation' && isValidation(name)) {
      findings.annotate(pointer, name);
      ignored = (ignored ?? new Set()).add(name);
    } else if (LISTED_ANNOTATIONS.has(name) && !enforced.has(name)) findings.annotate(pointer, name);
  }
  return ignored ?? NONE;
}

function restrictsNothing(name: string, node: SchemaNode): boolean {
  const allowed = allowedTypes(node);
  return name === 'multipleOf' && !allowed.has('number') && !allowed.has('integer');
}
