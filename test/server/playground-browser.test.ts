// The playground in a headless Chromium, over the real engine and the embedded model. Nothing may be logged as an error, and
// no request may leave the server's origin. Skipped, and said so, where the system has no Chromium.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/index.js';
import { type RunningServer, serve } from '../../src/server/index.js';
import { buildPlayground } from '../support/built-playground.js';
import { findChromium } from '../support/chromium.js';
import { start, stopAll } from './fake-engine.js';

const executablePath = findChromium();
if (!executablePath) console.warn('playground in a browser: skipped, because no Chromium was found');

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' }, city: { type: 'string' }, job: {} },
  required: ['name', 'age', 'city', 'job'],
  additionalProperties: false,
};

describe.skipIf(!executablePath)('the playground in a browser', () => {
  let server: RunningServer;
  let browser: Browser;
  let page: Page;
  /** What went wrong on the page, and where its requests went. */
  let faults: string[];
  let origins: Set<string>;

  beforeAll(async () => {
    buildPlayground();
    server = await serve(new Engine({ threads: 2 }), { port: 0 });
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });
  beforeEach(async () => {
    faults = [];
    origins = new Set();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => origins.add(new URL(request.url()).origin));
  });
  afterEach(async () => {
    await page.close();
    await stopAll();
  });

  /** The page, once it knows the model. */
  const open = async (url = server.url) => {
    await page.goto(url);
    await page.getByText('sprout', { exact: true }).waitFor();
  };
  const generate = async () => {
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.locator('.totals', { hasText: /Ended by(end token|grammar|length|you)/ }).waitFor();
  };
  const output = async () => (await page.locator('.output .token').allTextContents()).join('');
  const load = (example: RegExp) =>
    page.getByLabel('Example').evaluate((element, source) => {
      const select = element as HTMLSelectElement;
      select.value = [...select.options].find(({ text }) => new RegExp(source).test(text))!.value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    }, example.source);
  const expectQuiet = () => {
    expect(faults).toEqual([]);
    expect([...origins]).toEqual([server.url]);
  };

  it('generates under a schema: output parses, forced tokens are marked, steps and figures fill in', async () => {
    await open();
    await load(/JSON Schema/);
    await page.getByText('✓ compiles').waitFor();
    await generate();
    const text = await output();
    expect(new Ajv2020().validate(schema, JSON.parse(text)), text).toBe(true);
    const tokens = page.locator('.output .token');
    expect(await page.locator('.totals div', { hasText: /^Tokens\d/ }).textContent()).toBe(
      `Tokens${await tokens.count()}`,
    );
    expect(await page.locator('.output .dictated').count()).toBeGreaterThan(3);

    await tokens.nth(3).hover();
    const panel = page.getByRole('region', { name: 'Step' });
    await panel.getByRole('heading', { name: /^Step 4 of/ }).waitFor();
    expect(await panel.textContent()).toMatch(/The mask allowed [\d,]+ of 2,048 tokens/);
    expect(await panel.locator('tbody tr').count()).toBeGreaterThanOrEqual(8);
    expect(await panel.locator('tr.taken').count()).toBe(1);
    expectQuiet();
  });

  it('shows forced tokens, and strikes out what the mask forbade', async () => {
    await open();
    await load(/EBNF/);
    await generate();
    expect(await output()).toMatch(/^The capital of (France|Italy|Peru) is (Paris|Rome|Lima)\.$/);
    expect(await page.locator('.output .token.forced').count()).toBeGreaterThan(3);
    await load(/Anything but Paris/);
    await generate();
    expect(await output()).toMatch(/^The capital of France is (?!Pa)/);
    await page.locator('.output .token.steered').first().click();
    const panel = page.getByRole('region', { name: 'Step' });
    await panel.getByText(/^Steered/).waitFor();
    const first = panel.locator('tbody tr').first();
    expect(await first.locator('s').count()).toBe(1);
    expect(await first.textContent()).toContain('forbidden');
    expectQuiet();
  });

  it('is walked along with keys', async () => {
    await open();
    await page.getByLabel('User').focus();
    await page.keyboard.press('Control+Enter');
    await page.locator('.totals', { hasText: /Ended by(end token|grammar)/ }).waitFor();
    await page.getByRole('listbox').focus();
    const heading = page.getByRole('region', { name: 'Step' }).getByRole('heading');
    for (const [key, step] of [
      ['Home', 1],
      ['ArrowRight', 2],
      ['ArrowDown', 3],
      ['ArrowLeft', 2],
    ] as const) {
      await page.keyboard.press(key);
      expect(await heading.textContent()).toMatch(new RegExp(`^Step ${step} `));
    }
    expect(await page.locator('[aria-selected=true]').getAttribute('id')).toBe('step-1');
    await page.getByRole('radio', { name: 'JSON Schema' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('textbox', { name: 'Regex source' }).waitFor();
    expectQuiet();
  });

  it('shows the error of a bad source at its place', async () => {
    await open();
    await page.getByRole('radio', { name: 'Regex' }).click();
    const source = page.getByRole('textbox', { name: 'Regex source' });
    await source.fill('ab(c');
    const verdict = page.locator('.verdict[data-error=true]');
    await verdict.waitFor();
    expect(await verdict.textContent()).toMatch(/column \d/);
    expect(await source.getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('radio', { name: 'JSON Schema' }).click();
    await page
      .getByRole('textbox', { name: 'JSON Schema source' })
      .fill('{\n  "type": "object",\n  "properties": {"a": {"type": "sting"}}\n}');
    await page.locator('.behind mark', { hasText: '"sting"' }).waitFor();
    expect(await page.getByLabel('Example').inputValue()).toBe('');
    expect(await page.locator('.gutter [data-error=true]').textContent()).toBe('3\n');
    expectQuiet();
  });

  it('lights what a request found in the radix tree, and draws the engine’s figures', async () => {
    await open();
    await load(/Label of a review/);
    await generate();
    await generate();
    // The tree is fetched behind each output: the first one's may stand there for a moment.
    const lit = page.locator('.node.reused').first();
    await expect.poll(() => lit.textContent()).toMatch(/reused.*\d+ tok.*pages?.*[1-9]\d* hit/);
    await page
      .getByText(/^Prompt cached/)
      .locator('..')
      .getByText(/^5\d \/ 55$/)
      .waitFor();
    const chart = page.locator('.chart', { hasText: 'KV pages' });
    await expect.poll(async () => Number(await chart.locator('strong').textContent())).toBeGreaterThan(0);
    await expect.poll(() => chart.locator('polyline').count()).toBe(1);
    await page.getByText('Prompt as the model reads it').click();
    expect(await page.locator('.prompt-view mark').textContent()).toContain('<|user|>Classify');
    expectQuiet();
  });

  it('stops when told', async () => {
    await open();
    await page.getByRole('radio', { name: 'Regex' }).click();
    await page.getByRole('textbox', { name: 'Regex source' }).fill('[a-z ]{1900}');
    await page.getByLabel('Max tokens').fill('1900');
    await page.getByRole('button', { name: 'Generate' }).click();
    await page.locator('.output .token').nth(20).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.totals', { hasText: 'Ended byyou' }).waitFor();
    const running = async () => (await (await fetch(`${server.url}/playground/stats`)).json()).running;
    await expect.poll(running).toBe(0);
    expectQuiet();
  });

  it('copies the request as a command', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await open();
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toContain(`curl '${server.url}/v1/chat/completions'`);
    expectQuiet();
  });

  it('fits a narrow window and both colour schemes', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 360, height: 740 });
    await open();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: /^Colours/ }).click();
    expect(await ground()).not.toBe(dark);
    expectQuiet();
  });

  it('asks for the API key, again where it was wrong, and sends it', async () => {
    const guarded = await start({ pieces: ['fine'] }, { apiKey: 'secret' });
    await page.goto(guarded.url);
    const key = page.getByLabel('API key', { exact: true });
    for (const [given, answer] of [
      ['wrong', 'The server refused the last key.'],
      ['secret', 'fake-1'],
    ] as const) {
      await key.fill(given);
      await page.getByRole('button', { name: 'Use it' }).click();
      await page.getByText(answer, { exact: true }).waitFor();
    }
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'None' }).click();
    await page.getByRole('radio', { name: 'Completion' }).click();
    await page.getByLabel('Text').fill('Hi');
    await generate();
    expect(guarded.engine.requests).toHaveLength(1);
  });
});
