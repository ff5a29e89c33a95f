// Builds the playground's page, playground/, into dist/playground: one script and one style sheet, named by their content,
// a page that names them, and the licence of what the script contains. Nothing is loaded from elsewhere.
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(root, 'playground');
const out = join(root, 'dist', 'playground');
const assets = join(out, 'assets');

mkdirSync(assets, { recursive: true });
const { metafile } = await build({
  entryPoints: { app: join(source, 'main.tsx'), style: join(source, 'style', 'index.css') },
  outdir: assets,
  entryNames: '[name]-[hash]',
  absWorkingDir: root,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
const built = Object.keys(metafile.outputs).map((path) => basename(path));
const image = readFileSync(join(source, 'icon.svg'));
const icon = `icon-${createHash('sha256').update(image).digest('hex').slice(0, 8)}.svg`;
writeFileSync(join(assets, icon), image);
copyFileSync(join(root, 'node_modules', 'preact', 'LICENSE'), join(out, 'LICENSE-preact'));

const named = (extension) => built.find((name) => name.endsWith(extension));
const page = readFileSync(join(source, 'index.html'), 'utf8')
  .replace('%SCRIPT%', named('.js'))
  .replace('%STYLE%', named('.css'))
  .replace('%ICON%', icon);
writeFileSync(join(out, 'index.html'), page);

// What an earlier build left goes last, so that two builds at once leave a whole page.
const kept = new Set([...built, icon]);
for (const name of readdirSync(assets)) if (!kept.has(name)) rmSync(join(assets, name), { force: true });
for (const [path, { bytes }] of Object.entries(metafile.outputs)) console.error(`${path}: ${bytes} bytes`);
