// How the workers are doing, and who is connected: real at first paint, live from there.
import { Page } from '@playwright/test';
import { expect, test } from '../support/server';

test('the operations page moves once a second, and counts a stream that comes', async ({ page, server }) => {
  await page.goto(`${server.url}/operations`);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await expect(page.getByText('Single process')).toBeVisible();
  const streams = page.locator('.tile').first().locator('b');
  await expect(streams).toHaveText('1');
  const line = page.locator('.tile .spark path').nth(1);
  const before = await line.getAttribute('d');
  await expect.poll(() => line.getAttribute('d')).not.toBe(before);
  // The answer is held to the end: one without a reference is collected, and its connection closed with it.
  const stream = await fetch(`${server.url}/api/v1/sse/metrics`);
  await expect(streams).toHaveText('2');
  await stream.body!.cancel();
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
  await page.getByRole('link', { name: 'Server status' }).click();
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

/** Lets the page hear beside its own stream when so many tabs are connected; what comes back waits for it. */
async function hears(page: Page, count: number): Promise<() => Promise<void>> {
  await page.evaluate((count) => new Promise<void>((listening) => {
    const source = new EventSource('/api/v1/sse/notifications');
    source.addEventListener('synced', () => listening());
    (window as any).told = new Promise<void>((told) => source.addEventListener('presence_changed', (event) => {
      if (JSON.parse(event.data).connected !== count) return;
      source.close();
      told();
    }));
  }), count);
  return () => page.evaluate(() => (window as any).told);
}

test('the list of tabs ends with the newest answer, however late an older one comes', async ({ page, context, server }) => {
  const held: (() => void)[] = [];
  let holding = true;
  await page.route('**/api/ui/presence*', async (route) => {
    // What the server says now reaches the page only when it is let go.
    const answer = await route.fetch();
    if (holding) await new Promise<void>((letGo) => held.push(letGo));
    await route.fulfill({ response: answer });
  });
  const letGo = () => {
    holding = false;
    held.splice(0).reverse().forEach((letGo) => letGo());
  };
  await page.goto(`${server.url}/settings`);
  await expect.poll(() => held.length).toBe(1);
  let told = await hears(page, 2);
  const other = await context.newPage();
  await other.goto(server.url);
  await told();
  letGo();
  await expect(page.locator('.device-list > li')).toHaveCount(2);

  holding = true;
  const third = await context.newPage();
  told = await hears(page, 3);
  await third.goto(server.url);
  await told();
  await expect.poll(() => held.length).toBe(1);
  told = await hears(page, 2);
  await third.close();
  await told();
  letGo();
  await expect(page.locator('.device-list > li')).toHaveCount(2);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});
