// Tokenizers from the cache: equal to those made anew, made anew wherever a file is not exactly what was written, and
// whole whoever else writes at the same time.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { hasNative, loadNative } from '../../src/native/index.js';
import type { Tokenizer } from '../../src/tokenizer/index.js';
import {
  MAX_CACHED_IMAGES,
  type OpenTokenizerOptions,
  openTokenizer,
} from '../../src/tokenizer-files/index.js';

const fixtures = fileURLToPath(new URL('../fixtures/tokenizers/', import.meta.url));
const kinds = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const root = mkdtempSync(join(tmpdir(), 'espalier-cache-'));
const cache = join(root, 'cache');
afterAll(() => rmSync(root, { recursive: true }));
beforeEach(() => rmSync(cache, { recursive: true, force: true }));

const readers: [string, OpenTokenizerOptions][] = [['typescript', { cache, addon: null }]];
if (hasNative()) readers.push(['native', { cache, addon: loadNative() }]);

const bytesOf = (tokenizer: Tokenizer) => Buffer.from(tokenizer.image.buffer);
const text = 'Hello, wörld!  {"key": [1, 2]}\n';

/** Opens twice; the file and the tokenizer that was made anew. */
function written(folder: string, options: OpenTokenizerOptions) {
  const { tokenizer, cache } = openTokenizer(folder, options);
  if (cache.state !== 'written') throw new Error(`the image was ${cache.state}`);
  return { tokenizer, file: cache.file };
}

/** Puts bytes in the place of a file that is read-only. */
function overwrite(file: string, bytes: Uint8Array): void {
  rmSync(file);
  writeFileSync(file, bytes);
}

describe.each(readers)('a cached tokenizer, read by the %s reader', (_, options) => {
  it.each(kinds)('%s is as the one made anew', (kind) => {
    const folder = join(fixtures, kind);
    const { tokenizer: made, file } = written(folder, options);
    const opened = openTokenizer(folder, options);
    expect(opened.cache).toEqual({ state: 'loaded', file });
    const { tokenizer } = opened;
    expect(bytesOf(tokenizer).equals(bytesOf(made))).toBe(true);
    expect(tokenizer.image.hash).toBe(made.image.hash);
    expect(tokenizer.vocabSize).toBe(made.vocabSize);
    expect(tokenizer.bosTokenId).toBe(made.bosTokenId);
    expect(tokenizer.eosTokenIds).toEqual(made.eosTokenIds);
    expect(tokenizer.leadingSpace).toEqual(made.leadingSpace);
    const ids = made.encode(text);
    expect([...tokenizer.encode(text)]).toEqual([...ids]);
    expect(tokenizer.decode(ids)).toBe(made.decode(ids));
    for (let id = 0; id < made.vocabSize; id += 7) {
      expect(tokenizer.tokenBytes(id)).toEqual(made.tokenBytes(id));
      expect(tokenizer.specialBytes(id)).toEqual(made.specialBytes(id));
      expect(tokenizer.pieceOf(id)).toBe(made.pieceOf(id));
    }
    expect(opened.files()).toEqual(openTokenizer(folder, { ...options, cache: false }).files());
  });

  it('is made anew where the file is damaged anywhere, and the file put right', () => {
    const { tokenizer: made, file } = written(join(fixtures, 'llama2'), options);
    const whole = readFileSync(file);
    const step = Math.max(1, Math.floor(whole.length / 97));
    for (let at = 0; at < whole.length; at += at < 64 || at > whole.length - 250 ? 1 : step) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0x11;
      overwrite(file, damaged);
      const { tokenizer, cache } = openTokenizer(join(fixtures, 'llama2'), options);
      expect(cache).toMatchObject({ state: 'written', replaced: expect.any(String) });
      expect(bytesOf(tokenizer).equals(bytesOf(made))).toBe(true);
      expect(readFileSync(file).equals(whole)).toBe(true);
    }
  });

  it('is made anew where the file is cut off, empty, longer, or a folder', () => {
    const folder = join(fixtures, 'llama2');
    const { file } = written(folder, options);
    const whole = readFileSync(file);
    const cuts = [0, 3, 31, 63, 64, 65, 1000, whole.length - 100, whole.length - 1];
    for (const content of [...cuts.map((end) => whole.subarray(0, end)), Buffer.concat([whole, whole])]) {
      overwrite(file, content);
      expect(openTokenizer(folder, options).cache).toMatchObject({ state: 'written', replaced: /./ });
      expect(openTokenizer(folder, options).cache.state).toBe('loaded');
    }
    rmSync(file);
    mkdirSync(file);
    const { cache, tokenizer } = openTokenizer(folder, options);
    expect(cache.state).toBe('unwritable');
    expect(tokenizer.encode('a').length).toBeGreaterThan(0);
    expect(readdirSync(dirname(file)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is made anew where the file is that of another tokenizer or another version', () => {
    const { file } = written(join(fixtures, 'llama2'), options);
    const other = written(join(fixtures, 'gpt2'), options).file;
    overwrite(file, readFileSync(other));
    expect(openTokenizer(join(fixtures, 'llama2'), options).cache).toMatchObject({
      replaced: expect.stringContaining('another tokenizer'),
    });
    const older = readFileSync(file);
    older.writeInt32LE(older.readInt32LE(4) - 1, 4);
    overwrite(file, older);
    expect(openTokenizer(join(fixtures, 'llama2'), options).cache).toMatchObject({
      replaced: expect.stringContaining('version'),
    });
  });

  it('is another one where anything that decides it is another', () => {
    const folder = join(root, 'changing');
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(fixtures, 'llama2'), folder, { recursive: true });
    const { tokenizer } = written(folder, options);
    const wider = written(folder, { ...options, vocabSize: tokenizer.vocabSize + 5 }).tokenizer;
    expect(wider.vocabSize).toBe(tokenizer.vocabSize + 5);
    expect(wider.image.vocabSize).toBe(tokenizer.vocabSize + 5);
    writeFileSync(join(folder, 'generation_config.json'), '{"eos_token_id": [5, 6]}');
    const ending = written(folder, options).tokenizer;
    expect(ending.eosTokenIds).toEqual(expect.arrayContaining([5, 6]));
    expect(openTokenizer(folder, options).tokenizer.eosTokenIds).toEqual(ending.eosTokenIds);
    writeFileSync(join(folder, 'chat_template.jinja'), 'hello {{ messages[0].content }}');
    const talking = openTokenizer(folder, options);
    expect(talking.cache.state).toBe('loaded'); // a chat template decides nothing of the image …
    expect(talking.tokenizer.applyChatTemplate([{ role: 'user', content: 'you' }])).toBe('hello you');
  });

  it('encodes by the file that was opened, whatever has become of it', () => {
    const folder = join(root, 'moving');
    rmSync(folder, { recursive: true, force: true });
    cpSync(join(fixtures, 'gpt2'), folder, { recursive: true });
    const ids = [...written(folder, options).tokenizer.encode(text)];
    const { tokenizer } = openTokenizer(folder, options);
    writeFileSync(join(folder, 'tokenizer.json'), '{}');
    expect([...tokenizer.encode(text)]).toEqual(ids);
    expect(() => openTokenizer(folder, options)).toThrow(
      expect.objectContaining({ code: 'invalid_tokenizer' }),
    );
  });
});

describe('the cache folder', () => {
  const options = { cache, addon: null };

  it('keeps nothing where it is off, and says so', () => {
    const { cache: outcome } = openTokenizer(join(fixtures, 'gpt2'), { cache: false });
    expect(outcome).toEqual({ state: 'off' });
    expect(existsSync(cache)).toBe(false);
  });

  it('need not be writable', () => {
    writeFileSync(cache, 'a file');
    const { cache: outcome, tokenizer } = openTokenizer(join(fixtures, 'gpt2'), options);
    expect(outcome).toMatchObject({ state: 'unwritable', reason: expect.stringContaining('cache') });
    expect(tokenizer.encode('a').length).toBe(1);
  });

  it('holds MAX_CACHED_IMAGES images, those used last, and nothing that a writer left behind', () => {
    const { file } = written(join(fixtures, 'gpt2'), options);
    const folder = dirname(file);
    const ago = (name: string, seconds: number) => {
      const path = join(folder, name);
      writeFileSync(path, 'x');
      const time = Date.now() / 1000 - seconds;
      utimesSync(path, time, time);
      return path;
    };
    const old = Array.from({ length: MAX_CACHED_IMAGES }, (_, i) => ago(`old${i}.tokenizer`, 100 + i));
    const abandoned = ago('x.tokenizer.1.tmp', 7200);
    const busy = ago('x.tokenizer.2.tmp', 2);
    written(join(fixtures, 'llama2'), options);
    const images = readdirSync(folder).filter((name) => name.endsWith('.tokenizer'));
    expect(images.length).toBe(MAX_CACHED_IMAGES);
    expect(old.filter((path) => !existsSync(path))).toEqual(old.slice(-2));
    expect(existsSync(file)).toBe(true);
    expect([existsSync(abandoned), existsSync(busy)]).toEqual([false, true]);
    // A hit counts as a use.
    chmodSync(file, 0o600);
    utimesSync(file, 1, 1);
    expect(openTokenizer(join(fixtures, 'gpt2'), options).cache.state).toBe('loaded');
    written(join(fixtures, 'qwen'), options);
    expect(existsSync(file)).toBe(true);
  });

  it('is shared by processes that start at once', async () => {
    const script = fileURLToPath(new URL('./open-again.ts', import.meta.url));
    const folder = join(fixtures, 'llama3');
    const runs = await Promise.all(
      Array.from({ length: 3 }, () => output(['--import', 'tsx', script, folder, cache])),
    );
    const { hash } = openTokenizer(folder, { cache: false }).tokenizer.image;
    for (const run of runs) expect(run).toBe(`${hash}\n`);
    expect(openTokenizer(folder, options).cache.state).toBe('loaded');
    expect(readdirSync(join(cache, 'tokenizers')).length).toBe(1);
  });
});

/** What a Node process prints; rejects when it fails. */
function output(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(printed) : reject(new Error(`exit code ${code}`))));
  });
}
