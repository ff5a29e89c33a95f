// The radix tree: cached prefixes under each other, with hits, pages, locks and tier. The last request's path is lit.
import type { CacheNode, CacheView } from '../src/server/playground/protocol.js';
import { count, visible } from './format.js';

export function CacheTree({ cache }: { readonly cache: CacheView | undefined }) {
  return (
    <section class="cache" aria-label="Radix tree of cached prefixes">
      <h2>
        Radix tree{' '}
        {cache && (
          <small>
            {cache.shown < cache.total
              ? `${count(cache.shown)} of ${count(cache.total)} nodes`
              : `${count(cache.total)} ${cache.total === 1 ? 'node' : 'nodes'}`}
          </small>
        )}
      </h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys must reach that. */}
      <section class="tree" tabIndex={0} aria-label="Tree">
        {cache && cache.roots.length > 0 ? (
          <Nodes nodes={cache.roots} />
        ) : (
          <p class="hint">
            Nothing is cached yet. What requests compute is kept here, and found by what begins alike.
          </p>
        )}
      </section>
      <p class="legend">
        <span class="swatch reused" /> reused by the last request <span class="swatch matched" /> computed by
        it
      </p>
    </section>
  );
}

function Nodes({ nodes }: { readonly nodes: readonly CacheNode[] }) {
  return (
    <ul>
      {nodes.map((node, index) => (
        <li key={index}>
          <Node node={node} />
          {node.children.length > 0 && <Nodes nodes={node.children} />}
        </li>
      ))}
    </ul>
  );
}

function Node({ node }: { readonly node: CacheNode }) {
  const { text, tokens, pages, locked_pages, host_pages, hits, matched, reused } = node;
  const lit = reused > 0 ? 'reused' : matched > 0 ? 'matched' : '';
  const width = (part: number) => (100 * part) / Math.max(1, tokens);
  return (
    <div class={`node ${lit}`} title={text ?? 'a prefix with a salt: its text is its tenant’s'}>
      <svg class="part" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
        <rect class="matched" width={width(matched)} height={1} />
        <rect class="reused" width={width(reused)} height={1} />
      </svg>
      <code>{text === null ? '(salted)' : visible(text).replaceAll('␣', ' ')}</code>
      <span class="facts">
        {reused > 0 && <b>{reused === tokens ? 'reused' : `${count(reused)} reused`} </b>}
        <span>{count(tokens)} tok</span>
        <span>
          {count(pages)} {pages === 1 ? 'page' : 'pages'}
        </span>
        <span>
          {count(hits)} {hits === 1 ? 'hit' : 'hits'}
        </span>
        {locked_pages > 0 && <span class="locked">{count(locked_pages)} locked</span>}
        {host_pages > 0 && (
          <span class="host">{host_pages === pages ? 'host tier' : `${count(host_pages)} in host tier`}</span>
        )}
      </span>
    </div>
  );
}
