// All portfolios of a person as one.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('all portfolios are looked at together, live, and a transaction says which it belongs to', async ({ page, server }) => {
    await quietPortfolio(server);
    const { portfolio_id: kids } = await server.post('/portfolios', { name: 'Kids', currency: 'EUR' });
    await server.post(`/portfolios/${kids}/activities`, { kind: 'buy', time: '2026-01-05', ticker: 'AAPL', quantity: '2', price: '100' });
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.locator('.portfolio-menu summary').click();
    const menu = page.getByRole('navigation', { name: 'Portfolio' });
    await expect(menu.getByRole('link')).toHaveText([/^All portfolios/, /^Quiet.*5,500/, /^Kids.*300/]);
    await menu.getByRole('link', { name: 'All portfolios' }).click();
    await expect(page.locator('.portfolio-menu summary')).toContainText('All portfolios');
    await expect(page.locator('.headline .total')).toContainText('5,800');
    await expect(page.locator('.hold')).toContainText('12');
    await server.push({ ticker: 'AAPL', price: '160.00' });
    await expect(page.locator('.headline .total')).toContainText('5,920');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    // A new transaction asks for its portfolio.
    await page.keyboard.press('n');
    const choice = page.locator('#entry-portfolio');
    await expect(choice.getByRole('option')).toHaveText(['Quiet', 'Kids']);
    await choice.selectOption('Kids');
    await page.locator('#entry-ticker').fill('AAPL');
    await page.getByLabel('Quantity', { exact: true }).fill('1');
    await page.getByLabel('Price per unit', { exact: true }).fill('160');
    await page.getByRole('button', { name: 'Add transaction', exact: true }).click();
    await expect(page.locator('dialog#entry')).toHaveCount(0);
    await expect(page.locator('.headline .total')).toContainText('6,080');
    expect((await server.get(`/portfolios/${kids}/activities`)).length).toBe(2);
    await page.locator('.saying .undo').click();
    await expect(page.locator('.headline .total')).toContainText('5,920');
    // The list of transactions is that of one; the way back is to all.
    await page.getByRole('link', { name: 'Transactions' }).first().click();
    await expect(page.locator('.portfolio-menu summary')).toContainText('Quiet');
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await expect(page.locator('.headline .total')).toContainText('5,920');
  });

  test('of many portfolios one is found by its name', async ({ page, server }) => {
    await quietPortfolio(server);
    for (let n = 1; n < 9; n += 1) await server.post('/portfolios', { name: `Account ${n}`, currency: 'EUR' });
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.locator('.portfolio-menu summary').click();
    await page.getByLabel('Find a portfolio').fill('count 7');
    const menu = page.getByRole('navigation', { name: 'Portfolio' });
    await expect(menu.getByRole('link')).toHaveText([/^Account 7/]);
    await menu.getByRole('link').click();
    await expect(page.locator('.portfolio-menu summary')).toContainText('Account 7');
  });

  test('a price of the day that was chosen is offered, and the levels of alerts stand beside the chart', async ({ page, server }) => {
    await quietPortfolio(server);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString();
    await server.push({ ticker: 'VOLT', price: '80.00', currency: 'EUR', time: yesterday });
    await server.push({ ticker: 'VOLT', price: '90.00', currency: 'EUR' });
    for (const threshold of ['95', '96']) await server.post('/alerts', { ticker: 'VOLT', condition: 'crosses_above', threshold });
    await page.goto(`${server.url}/i/VOLT?range=1m`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const chips = page.locator('.chip-level');
    await expect(chips).toHaveCount(2);
    const [first, second] = await Promise.all([chips.nth(0).boundingBox(), chips.nth(1).boundingBox()]);
    expect(Math.abs(first!.y - second!.y)).toBeGreaterThanOrEqual(Math.min(first!.height, second!.height) - 2);
    await page.keyboard.press('n');
    await page.getByLabel('Date', { exact: true }).fill(yesterday.slice(0, 10));
    await page.getByRole('button', { name: /^Close of .* 80\.00$/ }).click();
    await expect(page.getByLabel('Price per unit', { exact: true })).toHaveValue('80.00');
  });
});
