// The overview's chart over its ranges, the demo and the way out of it, and what is found from anywhere.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

/** Waits until the service worker is in charge of a page. */
async function controlled(page: import('@playwright/test').Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((done) => { navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }); });
  });
}

test.describe('in the demo', () => {
  test('a range is chosen by a link, says its own gain, and compares the value with what was put in', async ({ page, server }) => {
    await page.goto(server.url);
    await expect(page.locator('.ranges [aria-current]')).toHaveText(/^1Y/);
    await expect(page.locator('.chart .put-in')).toBeAttached();
    await expect(page.locator('.sum .chip')).toHaveCount(2);
    await page.locator('.ranges a', { hasText: '3M' }).click();
    await expect(page).toHaveURL(/range=3m/);
    await expect(page.locator('.sum')).toContainText('over three months');
    await page.locator('.figures > summary').click();
    await expect(page.locator('.figures thead')).toContainText('Net contributions');
    await page.locator('.ranges a', { hasText: '1W' }).click();
    await expect(page.locator('.sum')).toContainText('over one week');
    await expect(page.locator('.figures thead')).toContainText('Net contributions');
    await page.locator('.ranges a', { hasText: '1D' }).click();
    await expect(page.locator('.chart .put-in')).toHaveCount(0);
    await expect(page.locator('.sum .chip')).toHaveCount(1);
    // An address with a range that there is not shows what suits the portfolio.
    await page.goto(`${server.url}/?range=9x`);
    await expect(page.locator('.ranges [aria-current]')).toHaveText(/^1Y/);
  });

  test('one press leads out of it, and it can be removed', async ({ page, server }) => {
    await page.goto(server.url);
    const notice = page.locator('.demo-notice');
    await expect(notice).toContainText('made up');
    await notice.getByRole('link', { name: 'Start your own' }).click();
    await expect(page.locator('.steps [aria-current=step]')).toContainText('Create a portfolio');
    await page.getByLabel('Name').fill('Mine');
    await page.getByRole('button', { name: 'Create portfolio' }).click();
    await expect(page).toHaveURL(/\/activity/);
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await expect(page.locator('.steps [aria-current=step]')).toContainText('Add what you own');
    await expect(page.locator('.demo-notice')).toHaveCount(0);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.locator('.portfolio-menu summary').click();
    await page.locator('.portfolio-menu a', { hasText: 'Demo' }).click();
    await notice.getByText('Remove demo').click();
    await notice.getByRole('button', { name: 'Delete' }).click();
    await expect(page.locator('.portfolio-menu')).toHaveCount(0);
    await expect(page.locator('.steps [aria-current=step]')).toContainText('Add what you own');
  });

  test('instruments, pages and actions are found from anywhere', async ({ page, server }) => {
    await page.goto(`${server.url}/alerts`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.keyboard.press('Control+k');
    const search = page.getByRole('combobox', { name: 'Search instruments, pages and actions' });
    await expect(page.locator('#search-list li').first()).toContainText('Add transaction');
    await search.fill('inb');
    await expect(page.locator('#search-list li').first()).toContainText('Inbox');
    await search.fill('apple');
    await expect(page.locator('#search-list li').first()).toContainText('AAPL');
    // Enter waits for what was typed last.
    await search.fill('operat');
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/\/operations$/);
  });
});

test.describe('installed', () => {
  test.use({ serverOptions: [...QUIET, '--stale-after-s', '3600'], serviceWorkers: 'allow' });

  test('a page that was shown is shown without its server too, and says of when its figures are', async ({ page, server }) => {
    await server.post('/portfolios', { name: 'Mine', currency: 'EUR' });
    await server.push({ ticker: 'AAPL', price: '150.00' });
    await page.goto(server.url);
    await controlled(page);
    // The first page came before the worker; now it sees one, with its parts.
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await server.kill();
    await page.goto(server.url);
    await expect(page.locator('.steps')).toBeVisible();
    await expect(page.locator('.top .pill')).toContainText(/(Reconnecting|Offline), as of \d\d:\d\d/);
    await server.launch();
    await server.push({ ticker: 'AAPL', price: '151.00' });
    await expect(page.locator('.top .pill')).toContainText('Live');
  });

  test('an alert that fires while the page is not looked at shows a notification, and the page leaves its newest figures', async ({ page, context, server }) => {
    await context.grantPermissions(['notifications']);
    await page.addInitScript(() => localStorage.setItem('foliostream:notify', 'on'));
    await quietPortfolio(server);
    await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: '160' });
    await page.goto(server.url);
    await controlled(page);
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await server.push({ ticker: 'AAPL', price: '155.00' });
    await expect(page.locator('.total')).toHaveText(/€\s*5,550\.00/);
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    const kept = () => page.evaluate(async () => (await (await caches.open('pages-1')).match('/'))?.text() ?? '');
    await expect.poll(kept).toContain('5,550');
    await server.push({ ticker: 'AAPL', price: '161.00' });
    const shown = () => page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ body }) => body).join());
    await expect.poll(shown).toContain('AAPL rose above 160');
  });
});
