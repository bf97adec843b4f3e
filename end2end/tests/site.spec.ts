// What is delivered: precompressed, under names that change with the contents, kept for ever, and small.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '../support/server';

const SITE = resolve(__dirname, '..', '..', 'target', 'site');

// What a browser downloads before the overview lives; the other pages' part follows. More where std has no sources. It was 290 KB
// before cash accounts, incomplete totals, refused forms and the reader's days came to the overview (decision 14).
const MOST_KB = readFileSync(resolve(SITE, '..', '..', '.tools', 'env'), 'utf8').includes('STD_SOURCE=yes') ? 328 : 410;

test('the wasm of the overview stays small', () => {
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
  }
  for (const name of readdirSync(join(SITE, 'pkg')).filter((name) => /\.(js|wasm|css)$/.test(name))) {
    expect(name).toMatch(/\.[0-9a-f]{12}\.(js|wasm|css)$/);
    const part = await request.get(`${server.url}/pkg/${name}`, { headers: { 'accept-encoding': 'br' } });
    expect(part.status()).toBe(200);
    expect(part.headers()['content-encoding']).toBe('br');
    expect(part.headers()['cache-control']).toBe('public, max-age=31536000, immutable');
  }
});
