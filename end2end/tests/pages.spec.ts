// Every page, both themes, both widths: clean by axe, no sideways scroll; pictures when asked for.
import AxeBuilder from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, Server, test } from '../support/server';

const PAGES = { overview: '/', instrument: '/i/AAPL', performance: '/performance?benchmark=VOO,AAPL', activity: '/activity', alerts: '/alerts', inbox: '/inbox', settings: '/settings', operations: '/operations', missing: '/nowhere' };
const PICTURES = join(__dirname, '..', 'screenshots');

async function furnish(server: Server): Promise<void> {
  const [quote] = await fetch(`${server.url}/api/v1/quotes?tickers=AAPL`).then((answer) => answer.json());
  const level = (factor: number) => (Number(quote.price) * factor).toFixed(2);
  await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: level(1.02), note: 'Trim a third' });
  await server.post('/alerts', { ticker: 'BTC-USD', condition: 'price_above', threshold: '500000' });
  await server.post('/alerts', { ticker: 'MSFT', condition: 'day_change_below_percent', threshold: '-3', repeat: 'every', cooldown_s: 3600 });
  await server.post('/alerts', { ticker: 'AAPL', condition: 'price_above', threshold: level(0.9) });
  await server.post('/alerts', { ticker: 'EURUSD=X', condition: 'price_below', threshold: '9' });
  await expect.poll(() => server.get('/notifications').then((all) => all.length)).toBe(2);
}

test('pages are accessible and fit where the system chooses the colours', async ({ page, server }) => {
  test.setTimeout(120_000);
  await furnish(server);
  await page.setViewportSize({ width: 1024, height: 900 });
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(server.url + path);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']).analyze();
    expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map((node) => node.target).join(' | ')}`)).toEqual([]);
  }
});

for (const scheme of ['dark', 'light'] as const) {
  for (const width of [1440, 390]) {
    test(`pages are accessible and fit: ${scheme}, ${width} px`, async ({ page, server }) => {
      test.setTimeout(120_000);
      await furnish(server);
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(server.url + path);
        await expect(page.locator('.top .pill')).toContainText('Live');
        const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        expect(violations.map(({ id, nodes }) => `${name}: ${id}: ${nodes.map((node) => node.target).join(' | ')}`)).toEqual([]);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(sideways, name).toBeLessThanOrEqual(0);
      }
    });

    test(`screenshots: ${scheme}, ${width} px`, async ({ page, server }) => {
      test.skip(!process.env.SCREENSHOTS, 'pictures are taken by make screenshots');
      test.setTimeout(120_000);
      mkdirSync(PICTURES, { recursive: true });
      await furnish(server);
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.emulateMedia({ colorScheme: scheme });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(server.url + path);
        await expect(page.locator('.top .pill')).toContainText('Live');
        await page.screenshot({ path: join(PICTURES, `${name}-${scheme}-${width}.png`), fullPage: true });
      }
    });
  }
}

test('a phone of 360 px needs no sideways scroll', async ({ page, server }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(server.url + path);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(sideways, name).toBeLessThanOrEqual(0);
  }
});
