// German: chosen by the browser or under Settings, alive without a warning, and fitting.
import AxeBuilder from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

const PAGES = ['/', '/i/AAPL', '/performance', '/activity', '/alerts', '/inbox', '/settings', '/operations', '/nowhere'];

test.describe('in a browser that asks for German', () => {
  test.use({ locale: 'de-DE' });

  test('every page is German, comes to life without a warning, is accessible and fits', async ({ page, server }) => {
    test.setTimeout(180_000);
    await server.post('/alerts', { ticker: 'AAPL', condition: 'price_above', threshold: '1.5', note: 'Ein Drittel verkaufen' });
    await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: '123456.5' });
    await expect.poll(() => server.get('/notifications').then((all) => all.length)).toBe(1);
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 860 });
      for (const path of PAGES) {
        await page.goto(server.url + path);
        await expect(page.locator('html')).toHaveAttribute('lang', 'de');
        await expect(page.locator('.top .pill .age'), path).toContainText(/^\d+,\d s$/);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(sideways, `${path} at ${width} px`).toBeLessThanOrEqual(0);
        if (width !== 1440) continue;
        const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        expect(violations.map(({ id, nodes }) => `${path}: ${id}: ${nodes.map((node) => node.target).join(' | ')}`)).toEqual([]);
      }
    }
  });

});

test.describe('in a market that only moves when the test pushes', () => {
  test.use({ locale: 'de-DE', serverOptions: QUIET });

  test('a firing is told in German in the toast and in the inbox, and numbers go on moving', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.push({ ticker: 'AAPL', price: '100.00', previous_close: '99.00' });
    await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: '1150' });
    await page.goto(`${server.url}/i/AAPL`);
    await expect(page.locator('.top .pill .said')).toHaveText('Live');
    await server.push({ ticker: 'AAPL', price: '1151.25', previous_close: '99.00' });
    await expect(page.locator('.headline .total')).toContainText('1.151,25');
    await expect(page.locator('.toast')).toContainText('AAPL ist über 1.150,00 EUR gestiegen: 1.151,25, zuvor 100,00');
    await page.goto(`${server.url}/inbox`);
    await expect(page.locator('.inbox .message').first()).toContainText('ist über 1.150,00 EUR gestiegen');
  });

  test('a number is typed with a comma, and refused in words where it is none', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.push({ ticker: 'AAPL', price: '100.00', previous_close: '99.00' });
    await page.goto(`${server.url}/alerts`);
    await expect(page.locator('.top .pill .said')).toHaveText('Live');
    await page.locator('#alert-ticker').fill('AAPL');
    await page.locator('#alert-threshold').fill('1.234,5');
    await expect(page.locator('.away')).toContainText('AAPL steht bei 100,00');
    await page.getByRole('button', { name: 'Alarm erstellen', exact: true }).click();
    await expect(page.locator('.saying')).toContainText('Alarm erstellt: AAPL steigt über 1.234,5');
    await page.locator('#alert-ticker').fill('AAPL');
    await page.locator('#alert-threshold').fill('1.234.5');
    await page.getByRole('button', { name: 'Alarm erstellen', exact: true }).click();
    await expect(page.locator('#alert-threshold-wrong')).toContainText('vor je drei Ziffern');
    expect((await server.get('/alerts')).map((alert: { threshold: string }) => alert.threshold)).toEqual(['1234.5']);
  });
});

test('a language that is chosen under Settings is kept, and the other way round', async ({ page, server }) => {
  await page.goto(`${server.url}/settings`);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('.top .pill')).toContainText('Live');
  await page.locator('#language > summary').click();
  await page.locator('#language .radio', { hasText: 'Deutsch' }).click();
  await page.getByRole('button', { name: 'Use this language' }).click();
  await expect(page.locator('h1')).toHaveText('Einstellungen');
  await expect(page.locator('.top .pill .age')).toContainText(',');
  await page.getByRole('link', { name: 'Übersicht' }).first().click();
  await expect(page.locator('#total-value')).toHaveText('Gesamtwert');
  await page.goto(`${server.url}/settings`);
  await page.locator('#language > summary').click();
  await page.locator('#language .radio', { hasText: 'English' }).click();
  await page.getByRole('button', { name: 'Diese Sprache verwenden' }).click();
  await expect(page.locator('h1')).toHaveText('Settings');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('the language is chosen by a plain form', async ({ page, server }) => {
    await page.goto(`${server.url}/settings`);
    await page.locator('#language > summary').click();
    await page.locator('#language .radio', { hasText: 'Deutsch' }).click();
    await page.getByRole('button', { name: 'Use this language' }).click();
    await expect(page.locator('h1')).toHaveText('Einstellungen');
    expect(page.url()).toBe(`${server.url}/settings`);
  });
});
