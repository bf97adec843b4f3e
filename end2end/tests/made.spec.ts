// Instruments that no source knows, priced by hand.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('what no source knows is priced by its last trade, then by hand, and says so', async ({ page, server }) => {
    const portfolio = await quietPortfolio(server);
    await server.post('/instruments', { ticker: 'NEWCO', name: 'New Company', currency: 'EUR', class: 'share' });
    const buy = { kind: 'buy', time: '2026-01-05', ticker: 'NEWCO', quantity: '10', price: '40' };
    await server.post(`/portfolios/${portfolio}/activities`, buy);
    await page.goto(`${server.url}/i/NEWCO`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await expect(page.locator('.instrument-hero')).toContainText('Last trade, ');
    const card = page.locator('.entered');
    await card.getByLabel('Day of the price').fill('2026-02-10');
    await card.getByLabel('Price on that day').fill('45.5');
    await card.getByRole('button', { name: 'Save price' }).click();
    await expect(page.locator('.instrument-hero')).toContainText('By hand, ');
    await expect(page.locator('.instrument-hero .total')).toContainText('45.50');
    await expect(card.getByRole('row')).toContainText([/Day/, /10 Feb 2026.*45\.50/]);
    // A line that is none is refused and stays; the next sending has it right.
    await card.getByText('Paste several').click();
    const lines = card.getByLabel('A day and a price per line');
    await lines.fill('2026-03-01 50\nlater 51');
    await card.getByRole('button', { name: 'Save price' }).click();
    await expect(card).toContainText('This line has something else: later 51');
    await expect(lines).toHaveValue('2026-03-01 50\nlater 51');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await lines.fill('2026-03-01 50\n2026-03-02 51');
    await card.getByRole('button', { name: 'Save price' }).click();
    await expect(page.locator('.instrument-hero .total')).toContainText('51.00');
    await page.goto(server.url);
    await expect(page.locator('tr', { hasText: 'NEWCO' }).first()).toContainText('By hand, ');
  });

  test('an instrument is described and then found by its ISIN', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.post('/instruments', { ticker: 'NEWCO', name: 'New Company', currency: 'EUR', class: 'share' });
    await page.goto(`${server.url}/i/NEWCO`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const card = page.locator('.entered');
    await card.getByText('Description', { exact: true }).click();
    await card.getByLabel('Name', { exact: true }).fill('Newer Company');
    await card.getByLabel('ISIN').fill('US0378331006');
    await card.getByRole('button', { name: 'Save description' }).click();
    await expect(card).toContainText('Its last digit must fit the others.');
    await expect(card.getByLabel('Name', { exact: true })).toHaveValue('Newer Company');
    await card.getByLabel('ISIN').fill('US0378331005');
    await card.getByRole('button', { name: 'Save description' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Newer Company');
    expect((await server.get('/instruments/US0378331005')).name).toBe('Newer Company');
  });
});
