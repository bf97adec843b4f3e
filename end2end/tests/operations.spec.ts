// How the workers are doing, and who is connected: real at first paint, live from there.
import { expect, test } from '../support/server';

test('the operations page moves once a second, and counts a stream that comes', async ({ page, server }) => {
  await page.goto(`${server.url}/operations`);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await expect(page.getByText('One process without Redis')).toBeVisible();
  const streams = page.locator('.tile').first().locator('b');
  await expect(streams).toHaveText('1');
  const line = page.locator('.tile .spark path').nth(1);
  const before = await line.getAttribute('d');
  await expect.poll(() => line.getAttribute('d')).not.toBe(before);
  const abort = new AbortController();
  await fetch(`${server.url}/api/v1/sse/metrics`, { signal: abort.signal });
  await expect(streams).toHaveText('2');
  abort.abort();
  await expect(streams).toHaveText('1');
});

test('when the server goes, the page says that its figures are old', async ({ page, server }) => {
  await page.goto(`${server.url}/operations`);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await server.kill();
  await expect(page.locator('.silence')).toContainText('No worker has reported for', { timeout: 20_000 });
  await server.launch();
  await expect(page.locator('.silence')).toHaveCount(0, { timeout: 30_000 });
});

test('the keyboard finds the page, and settings lead to it', async ({ page, server }) => {
  await page.goto(server.url);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await page.keyboard.press('g');
  await page.keyboard.press('p');
  await expect(page.getByRole('heading', { level: 1, name: 'Operations' })).toBeVisible();
  await expect(page.locator('.tile').first().locator('b')).toHaveText('1');
  await page.goto(`${server.url}/settings`);
  await page.getByRole('link', { name: 'How this server is doing' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Operations' })).toBeVisible();
});

test('settings list the tabs that come and go, and say which is this one', async ({ page, context, server }) => {
  await page.goto(`${server.url}/settings`);
  await expect(page.locator('.device-list > li')).toHaveCount(1);
  await expect(page.locator('.device-list > li')).toContainText('Chrome on Linux');
  await expect(page.locator('.device-list .tag')).toBeVisible();
  const other = await context.newPage();
  await other.goto(server.url);
  await expect(page.locator('.device-list > li')).toHaveCount(2);
  await expect(page.locator('.device-list .tag:visible')).toHaveCount(1);
  await other.close();
  await expect(page.locator('.device-list > li')).toHaveCount(1);
});
