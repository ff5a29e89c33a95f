// Text inside SVG and HTML.
import { picture } from '../place.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that may stand in an element or a quoted attribute; what XML cannot hold is shown by pictures. */
export function escapeXml(text: string): string {
  return text
    .replace(/\p{Surrogate}|[\ufffe\uffff]/gu, '\ufffd')
    .replace(/\p{C}/gu, picture)
    .replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
