// Accounts, what is filed under them, further types, and the history of a transaction.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('an account is made, a transaction filed under it, found by it and sorted', async ({ page, server }) => {
    const portfolio = await quietPortfolio(server);
    await page.goto(`${server.url}/accounts?portfolio=${portfolio}`);
    await expect(page.getByText('No accounts yet')).toBeVisible();
    await page.getByLabel('Name').fill('Main broker');
    await page.getByLabel('Kind').selectOption('broker');
    await page.getByRole('button', { name: 'Add account' }).click();
    await expect(page.getByRole('heading', { name: 'Main broker' })).toBeVisible();
    await page.getByLabel('Name').last().fill('main BROKER');
    await page.getByRole('button', { name: 'Add account' }).click();
    await expect(page.getByRole('alert')).toContainText('Another one has this name');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

    await page.goto(`${server.url}/activity?portfolio=${portfolio}&add=deposit`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.getByText('Other types').click();
    await page.locator('#kind-opening_balance').check();
    await page.getByLabel('Money instead of units').check();
    await expect(page.getByLabel('Price per unit')).toBeHidden();
    await page.getByLabel('Amount', { exact: true }).fill('250');
    await page.locator('.entry-more > summary').click();
    await page.getByLabel('Account').selectOption({ label: 'Main broker' });
    await page.getByLabel('Tags').fill('long term, start');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Add transaction' }).click();
    const row = page.locator('.ledger-table tbody tr', { hasText: 'Opening balance' });
    await expect(row).toContainText('250.00');
    await row.getByRole('link', { name: '#long term' }).click();
    await expect(page.locator('.ledger-table tbody tr:not(.month)')).toHaveCount(1);
    await page.locator('.filter-chip', { hasText: 'long term' }).click();
    await page.locator('th').getByRole('link', { name: 'Date' }).click();
    await expect(page.locator('th[aria-sort="ascending"]')).toContainText('Date');
    await page.goto(`${server.url}/accounts?portfolio=${portfolio}`);
    await expect(page.locator('.account-contents')).toContainText('250');
  });

  test('what was changed is in the history and taken back, what was deleted comes back', async ({ page, server }) => {
    const portfolio = await quietPortfolio(server);
    const made = await server.post(`/portfolios/${portfolio}/activities`, { kind: 'deposit', time: '2026-01-05', amount: '77.5', note: 'first' });
    await page.goto(`${server.url}/activity?portfolio=${portfolio}&edit=${made.activity_id}`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.getByLabel('Amount', { exact: true }).fill('99');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    const row = page.locator('.ledger-table tbody tr', { hasText: 'first' });
    await expect(row).toContainText('77.50');
    await row.locator('summary').first().click();
    await row.getByRole('link', { name: 'History' }).click();
    await expect(page.getByRole('heading', { name: 'History' })).toBeVisible();
    await expect(page.locator('.version h2')).toHaveText(['Change undone', 'Changed', 'Added']);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await expect(page.locator('.version').first()).toContainText('99');
    await page.goto(`${server.url}/activity?portfolio=${portfolio}`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await row.locator('summary').first().click();
    await row.getByText('Delete', { exact: true }).click();
    await row.locator('button.danger').click();
    await expect(row).toHaveCount(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(row).toContainText('99.00');
    expect((await server.get(`/portfolios/${portfolio}/activities/${made.activity_id}`)).revision).toBe(6);
  });
});
