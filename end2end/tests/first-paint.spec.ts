// What a browser without JavaScript gets: numbers, and forms that work.
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.use({ javaScriptEnabled: false });

test('the overview holds real numbers at first paint', async ({ page, server }) => {
  await page.goto(server.url);
  await expect(page.locator('.total')).toHaveText(/€\s*\d{2},\d{3}\.\d{2}/);
  const rows = page.locator('table.holdings tbody tr');
  expect(await rows.count()).toBeGreaterThanOrEqual(12);
  await expect(rows.filter({ hasText: 'AAPL' })).toContainText(/US\$\s*\d/);
  await expect(rows.filter({ hasText: 'MSFT' })).toContainText(/US\$\s*\d/);
  await expect(page.getByText('Simulated market').first()).toBeVisible();
  await expect(page.locator('.chart svg path.line').first()).toBeAttached();
});

test('the table sorts by link', async ({ page, server }) => {
  await page.goto(server.url);
  await page.getByRole('columnheader', { name: /Name/ }).getByRole('link').click();
  await expect(page.getByRole('columnheader', { name: /Name/ })).toHaveAttribute('aria-sort', /ascending|descending/);
});

test('an alert can be made, refused, paused and deleted by plain forms', async ({ page, server }) => {
  await page.goto(`${server.url}/alerts`);
  await page.getByLabel('Instrument', { exact: true }).fill('AAPL');
  await page.getByLabel('Condition').selectOption('crosses_above');
  await page.getByLabel('Level').fill('9999.50');
  await page.getByRole('button', { name: 'Create alert', exact: true }).click();
  const alert = page.getByRole('article').filter({ hasText: '9,999.50' });
  await expect(alert).toContainText('AAPL');
  await expect(alert).toContainText('crosses above');

  await page.getByLabel('Instrument', { exact: true }).fill('NOBODY');
  await page.getByLabel('Level').fill('5');
  await page.getByRole('button', { name: 'Create alert', exact: true }).click();
  await expect(page.getByText(/No instrument NOBODY/)).toBeVisible();
  expect(await server.get('/alerts')).toHaveLength(1);

  await page.goto(`${server.url}/alerts`);
  await alert.locator('summary.icon').click();
  await alert.getByRole('button', { name: /^Pause/ }).click();
  await expect(alert).toContainText(/paused/i);
  await alert.locator('summary.icon').click();
  await alert.getByText('Delete', { exact: true }).first().click();
  await alert.getByRole('button', { name: /^Delete AAPL/ }).click();
  await expect(page.getByRole('article')).toHaveCount(0);
  expect(await server.get('/alerts')).toEqual([]);
});

test('every page answers, and an unknown ticker or address says so with 404', async ({ page, server }) => {
  for (const path of ['/', '/performance', '/activity', '/alerts', '/inbox', '/settings', '/i/AAPL', '/i/EURUSD=X', '/search?q=apple']) {
    expect((await page.goto(server.url + path))?.status(), path).toBe(200);
    await expect(page.locator('main')).not.toBeEmpty();
  }
  for (const path of ['/i/NOBODY', '/nowhere']) expect((await page.goto(server.url + path))?.status(), path).toBe(404);
});

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('a portfolio can be made and a transaction typed in, changed and deleted', async ({ page, server }) => {
    await server.push({ ticker: 'AAPL', price: '150.00', previous_close: '145.00', currency: 'EUR' });
    await page.goto(`${server.url}/settings`);
    await page.getByLabel('Name', { exact: true }).fill('Mine');
    await page.getByLabel('Currency', { exact: true }).fill('EUR');
    await page.getByRole('button', { name: 'Create portfolio' }).click();
    await expect(page).toHaveURL(/\/activity/);

    await page.getByRole('link', { name: 'Add transaction' }).first().click();
    await page.locator('#entry .radio', { hasText: 'Buy' }).click();
    await page.getByLabel('Date', { exact: true }).fill('2026-01-05');
    await page.getByLabel('Instrument', { exact: true }).fill('AAPL');
    await page.getByLabel('Quantity', { exact: true }).fill('10');
    await page.getByLabel('Price per unit', { exact: true }).fill('140');
    await page.getByRole('button', { name: 'Add transaction' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'AAPL' })).toBeVisible();
    const [portfolio] = await server.get('/portfolios');
    const view = await server.get(`/portfolios/${portfolio.portfolio_id}`);
    expect(view).toMatchObject({ market_value: '1500', cost_basis: '1400', unrealized_pnl: '100', day_change: '50' });

    await page.goto(`${server.url}/`);
    await expect(page.locator('.total')).toHaveText(/€\s*1,500\.00/);
  });

  test('hostile notes are shown as text', async ({ page, server }) => {
    await quietPortfolio(server);
    const note = '<script>document.title="broken"</script> \u202Eright to left';
    await server.post('/alerts', { ticker: 'AAPL', condition: 'price_above', threshold: '1000', note });
    await page.goto(`${server.url}/alerts`);
    await expect(page.getByText('<script>document.title="broken"</script>')).toBeVisible();
    await expect(page).not.toHaveTitle(/broken/);
  });
});
