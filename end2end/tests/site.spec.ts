// What is delivered: precompressed, under names that change with the contents, kept for ever, and small.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '../support/server';

const SITE = resolve(__dirname, '..', '..', 'target', 'site');

// The goal is 300 KB; until it is reached, no change may make the download heavier than it is.
const MOST_KB = 480;

test('the wasm does not grow', () => {
  const { wasm } = JSON.parse(readFileSync(join(SITE, 'pkg', 'manifest.json'), 'utf8'));
  const bytes = statSync(join(SITE, 'pkg', `${wasm}.br`)).size;
  console.log(`wasm: ${(bytes / 1024).toFixed(1)} KB brotli`);
  expect(bytes).toBeLessThanOrEqual(MOST_KB * 1024);
});

test('parts of the site are immutable and precompressed, pages are not kept', async ({ request, server }) => {
  const page = await request.get(server.url);
  expect(page.headers()['cache-control']).toBe('no-store');
  expect(page.headers()['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'wasm-unsafe-eval'/);
  const { js, wasm, css } = JSON.parse(readFileSync(join(SITE, 'pkg', 'manifest.json'), 'utf8'));
  for (const name of [js, wasm, css]) {
    expect(await page.text()).toContain(`/pkg/${name}`);
    const part = await request.get(`${server.url}/pkg/${name}`, { headers: { 'accept-encoding': 'br' } });
    expect(part.status()).toBe(200);
    expect(part.headers()['content-encoding']).toBe('br');
    expect(part.headers()['cache-control']).toBe('public, max-age=31536000, immutable');
  }
});
