// The list of transactions and the sheet that adds and edits them: nothing that is typed is lost.
import type { Page } from '@playwright/test';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.use({ serverOptions: QUIET });

const live = (page: Page) => expect(page.locator('.top .pill')).toContainText('Live');
const sheet = (page: Page) => page.getByRole('dialog', { name: /New transaction|Edit transaction/ });
const row = (page: Page, text: string | RegExp) => page.getByRole('row').filter({ hasText: text });

/** Fills the sheet's fields by their labels. */
async function fill(page: Page, fields: Record<string, string>) {
  for (const [label, value] of Object.entries(fields)) await sheet(page).getByLabel(label, { exact: true }).fill(value);
}

async function choose(page: Page, kind: string) {
  await sheet(page).locator('.radio', { hasText: kind }).click();
}

test('a transaction is added by the keyboard, marked in the list, and taken back by Undo', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/activity`);
  await live(page);
  await page.keyboard.press('n');
  await expect(sheet(page)).toBeVisible();
  await expect(sheet(page).getByLabel('Instrument', { exact: true })).toBeFocused();
  await page.keyboard.type('AAPL');
  await fill(page, { Quantity: '4', 'Price per unit': '287.46' });
  await expect(sheet(page).getByText('1,149.84 EUR')).toBeVisible();
  await sheet(page).getByText('Fees, tax, account, note').click();
  await sheet(page).locator('#entry-fee').fill('1');
  await fill(page, { Note: 'Savings plan' });
  await expect(sheet(page).getByText('1,150.84 EUR')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(sheet(page)).toHaveCount(0);
  await expect(row(page, 'Savings plan')).toHaveClass(/saved/);
  await expect(row(page, 'Savings plan')).toBeInViewport();
  await expect(page.getByText('Added: Buy AAPL')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Undone')).toBeVisible();
  await expect(row(page, 'Savings plan')).toHaveCount(0);
});

test('a refusal keeps every field and the sheet, and says beside the field what to do', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/activity?add=buy`);
  await live(page);
  await fill(page, { Instrument: 'MSFT', Quantity: '7', 'Price per unit': '400', Date: '2030-01-01' });
  await sheet(page).getByRole('button', { name: 'Add transaction' }).click();
  await expect(sheet(page).getByText('The date is in the future')).toBeVisible();
  await expect(sheet(page).getByLabel('Date', { exact: true })).toBeFocused();
  await expect(sheet(page).getByLabel('Quantity', { exact: true })).toHaveValue('7');
  await expect(sheet(page).getByLabel('Price per unit', { exact: true })).toHaveValue('400');
  await fill(page, { Date: '2026-03-02', Quantity: '', 'Price per unit': '' });
  await sheet(page).getByRole('button', { name: 'Add transaction' }).click();
  await expect(sheet(page).getByText('Not saved yet: 2 fields need a change.')).toBeVisible();
  await expect(sheet(page).getByLabel('Quantity', { exact: true })).toBeFocused();
  await fill(page, { Quantity: '7', 'Price per unit': '400' });
  await sheet(page).getByRole('button', { name: 'Add transaction' }).click();
  await expect(sheet(page)).toHaveCount(0);
  await expect(row(page, 'Mon 2')).toContainText('400.00');
});

test('what is typed stays while the list changes elsewhere, while the server is away, and when the sheet closes and opens', async ({ page, server }) => {
  const portfolio = await quietPortfolio(server);
  await page.goto(`${server.url}/activity`);
  await live(page);
  await page.getByRole('link', { name: /Add transaction/ }).first().click();
  await fill(page, { Instrument: 'AAPL', Quantity: '3', 'Price per unit': '151.5' });

  await server.post(`/portfolios/${portfolio}/activities`, { kind: 'deposit', time: '2026-02-01', amount: '10' });
  await expect(row(page, 'Deposit')).toBeAttached();
  await expect(sheet(page).getByLabel('Price per unit', { exact: true })).toHaveValue('151.5');
  await expect(sheet(page).getByLabel('Price per unit', { exact: true })).toBeFocused();

  await page.keyboard.press('Escape');
  await expect(sheet(page)).toHaveCount(0);
  await page.getByRole('link', { name: /Add transaction/ }).first().click();
  await expect(sheet(page).getByLabel('Quantity', { exact: true })).toHaveValue('3');

  await server.kill();
  await sheet(page).getByRole('button', { name: 'Add transaction' }).click();
  await expect(sheet(page).getByRole('alert').filter({ hasText: /server/i }).first()).toBeVisible();
  await expect(sheet(page).getByLabel('Quantity', { exact: true })).toHaveValue('3');
  await server.launch();
  await sheet(page).getByRole('button', { name: 'Add transaction' }).click();
  await expect(sheet(page)).toHaveCount(0);
  await expect(row(page, '151.50')).toBeVisible();
});

test('a transaction is edited, duplicated and deleted from its menu, each with a way back', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/activity`);
  await live(page);
  const apple = row(page, 'AAPL');
  await apple.locator('summary.icon').click();
  await apple.getByRole('link', { name: /^Edit/ }).click();
  await expect(sheet(page).getByLabel('Quantity', { exact: true })).toHaveValue('10');
  await fill(page, { Quantity: '12' });
  await sheet(page).getByRole('button', { name: 'Save changes' }).click();
  await expect(apple).toContainText('12');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('Undone')).toBeVisible();
  await expect(apple.locator('.quantity-cell')).toHaveText('10');

  await apple.locator('summary.icon').click();
  await apple.getByRole('link', { name: /^Duplicate/ }).click();
  await expect(sheet(page).getByLabel('Price per unit', { exact: true })).toHaveValue(/140/);
  await sheet(page).getByRole('button', { name: 'Add transaction' }).click();
  await expect(row(page, 'AAPL')).toHaveCount(2);

  await row(page, 'MSFT').locator('summary.icon').click();
  await row(page, 'MSFT').getByText('Delete', { exact: true }).first().click();
  await row(page, 'MSFT').getByRole('button', { name: /^Delete/ }).click();
  await expect(row(page, 'MSFT')).toHaveCount(0);
  await expect(page.getByRole('heading', { name: 'Transactions' })).toBeFocused();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(page, 'MSFT')).toBeVisible();
});

test('"Add another" saves, empties the sheet for the next one, and can be undone meanwhile', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/activity`);
  await live(page);
  await page.getByRole('link', { name: /Add transaction/ }).first().click();
  await fill(page, { Instrument: 'AAPL', Quantity: '31', 'Price per unit': '200', Date: '2026-03-02' });
  await sheet(page).getByRole('button', { name: 'Add another' }).dblclick();
  await expect(page.locator('.price-cell', { hasText: '200.00' })).toHaveCount(1);
  await expect(sheet(page).getByLabel('Quantity', { exact: true })).toHaveValue('');
  await expect(sheet(page).getByLabel('Instrument', { exact: true })).toHaveValue('');
  await expect(sheet(page).getByLabel('Date', { exact: true })).toHaveValue('2026-03-02');
  await expect(sheet(page).getByLabel('Instrument', { exact: true })).toBeFocused();
  await sheet(page).getByRole('button', { name: 'Undo' }).click();
  await expect(page.locator('.price-cell', { hasText: '200.00' })).toHaveCount(0);
});

test('a question stands at its own transaction or closes', async ({ page, server }) => {
  const portfolio = await quietPortfolio(server);
  await page.goto(`${server.url}/activity`);
  await live(page);
  await row(page, 'MSFT').locator('summary.icon').click();
  await row(page, 'MSFT').getByText('Delete', { exact: true }).first().click();
  await expect(page.locator('.confirm[open]')).toHaveCount(1);
  await server.post(`/portfolios/${portfolio}/activities`, { kind: 'deposit', time: '2026-02-01', amount: '10' });
  await expect(row(page, 'Deposit')).toBeVisible();
  await expect(page.locator('.confirm[open]')).toHaveCount(0);
});

test('what is typed waits for what it was typed for, and the filter stays', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/activity?kind=buy`);
  await live(page);
  await page.getByRole('link', { name: /Add transaction/ }).first().click();
  await fill(page, { Instrument: 'AAPL', Quantity: '5', 'Price per unit': '1' });
  await page.keyboard.press('Escape');
  await expect(page.getByRole('link', { name: /Add transaction/ }).first()).toBeFocused();
  await row(page, 'MSFT').locator('summary.icon').click();
  await row(page, 'MSFT').getByRole('link', { name: /^Duplicate/ }).click();
  await expect(sheet(page).getByLabel('Quantity', { exact: true })).toHaveValue('10');
  await page.keyboard.press('Escape');
  await expect(sheet(page)).toHaveCount(0);
  await row(page, 'MSFT').locator('summary.icon').click();
  await row(page, 'MSFT').getByRole('link', { name: /^Edit/ }).click();
  await fill(page, { Quantity: '11' });
  await sheet(page).getByRole('button', { name: 'Save changes' }).click();
  await expect(row(page, 'MSFT')).toContainText('11');
  await expect(page).toHaveURL(/kind=buy.*saved=/);
});

test('one menu is open at a time, and Escape or a press elsewhere closes it', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/activity`);
  await live(page);
  const menus = page.locator('.menu-items:visible');
  await row(page, 'AAPL').locator('summary.icon').click();
  await row(page, 'MSFT').locator('summary.icon').click();
  await expect(menus).toHaveCount(1);
  await page.keyboard.press('Escape');
  await expect(menus).toHaveCount(0);
  await expect(row(page, 'MSFT').locator('summary.icon')).toBeFocused();
  await row(page, 'AAPL').locator('summary.icon').click();
  await page.getByRole('heading', { name: 'Transactions' }).click();
  await expect(menus).toHaveCount(0);
});

test('the list is searched and filtered, and its sums follow', async ({ page, server }) => {
  const portfolio = await quietPortfolio(server);
  await server.post(`/portfolios/${portfolio}/activities`, { kind: 'deposit', time: '2026-02-01', amount: '500', note: 'From Volksbank' });
  await page.goto(`${server.url}/activity`);
  await live(page);
  const sums = page.locator('.sums');
  await expect(sums).toContainText('3 transactions');
  await expect(sums).toContainText('5,500.00');
  await page.getByLabel('Name, ticker, note').fill('volks');
  await expect(sums).toContainText('1 transaction');
  await expect(page).toHaveURL(/q=volks/);
  await expect(row(page, 'AAPL')).toHaveCount(0);
  await expect(page.getByLabel('Name, ticker, note')).toBeFocused();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await expect(sums).toContainText('3 transactions');
  await expect(page.getByLabel('Name, ticker, note')).toHaveValue('');
  await page.getByLabel('Type', { exact: true }).selectOption('buy');
  await expect(sums).toContainText('2 transactions');
  await page.getByLabel('Name, ticker, note').fill('nobody');
  await expect(page.getByText('No transaction matches')).toBeVisible();
  await page.goBack();
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a sheet that is refused holds what was typed, and its links close it', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/activity?add=sell`);
    await expect(sheet(page).getByLabel('Amount', { exact: true })).toBeHidden();
    await choose(page, 'Deposit');
    await expect(sheet(page).getByLabel('Amount', { exact: true })).toBeVisible();
    await expect(sheet(page).getByLabel('Instrument', { exact: true })).toBeHidden();
    await fill(page, { Date: '2030-01-01', Amount: '25' });
    await sheet(page).getByRole('button', { name: 'Add transaction' }).click();
    await expect(sheet(page).getByText('The date is in the future')).toBeVisible();
    await expect(sheet(page).getByLabel('Amount', { exact: true })).toHaveValue('25');
    await fill(page, { Date: '2026-01-07' });
    await sheet(page).getByRole('button', { name: 'Add another' }).click();
    await expect(row(page, 'Deposit')).toContainText('+25.00');
    await expect(sheet(page).getByLabel('Date', { exact: true })).toHaveValue('2026-01-07');
    await expect(sheet(page).getByLabel('Amount', { exact: true })).toHaveValue('');
    await sheet(page).getByRole('link', { name: 'Cancel' }).click();
    await expect(sheet(page)).toHaveCount(0);
  });
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true });

  test('the sheet comes from below by the bottom bar, and fits', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(server.url);
    await live(page);
    await page.locator('.tabs').getByRole('link', { name: 'Add transaction' }).tap();
    await expect(sheet(page)).toBeInViewport();
    const box = (await sheet(page).boundingBox())!;
    expect(Math.round(box.x)).toBe(0);
    expect(Math.round(box.y + box.height)).toBe(844);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});

test('a page that is visited while the server is away comes by itself once it is back', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/settings`);
  await live(page);
  await server.kill();
  await page.getByRole('navigation').first().getByRole('link', { name: 'Transactions' }).click();
  await expect(page.getByText("Can't reach the server")).toBeVisible();
  await server.launch();
  await expect(row(page, 'AAPL')).toBeVisible();
});

test('several are picked, counted and summed, deleted with one question and brought back with one press', async ({ page, server }) => {
  const portfolio = await quietPortfolio(server);
  const add = (body: object) => server.post(`/portfolios/${portfolio}/activities`, body);
  for (const day of ['01', '02', '03', '04']) await add({ kind: 'deposit', time: `2026-03-${day}`, amount: '100', note: `March ${day}` });
  await page.goto(`${server.url}/activity`);
  await live(page);
  const bar = page.getByRole('region', { name: 'Selection' });
  await expect(bar).toBeHidden();
  const pick = (text: string) => row(page, text).getByRole('checkbox');
  await pick('March 01').click();
  await expect(bar).toContainText('1 selected');
  await pick('March 04').click({ modifiers: ['Shift'] });
  await expect(bar).toContainText('4 selected');
  await expect(bar).toContainText('+400.00');
  await pick('March 02').focus();
  await page.keyboard.press('x');
  await expect(bar).toContainText('3 selected');
  await page.keyboard.press('Escape');
  await expect(bar).toBeHidden();
  await pick('March 02').click();
  await pick('March 03').click();
  await bar.getByText('Delete', { exact: true }).click();
  await bar.getByRole('button', { name: 'Delete 2 transactions' }).click();
  await expect(page.locator('.saying')).toContainText('2 transactions deleted');
  await expect(row(page, 'March 02')).toHaveCount(0);
  await expect(row(page, 'March 03')).toHaveCount(0);
  await expect(bar).toBeHidden();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row(page, 'March 02')).toHaveCount(1);
  await expect(row(page, 'March 03')).toHaveCount(1);
});

test('a right click opens the menu of a row', async ({ page, server }) => {
  await quietPortfolio(server);
  await page.goto(`${server.url}/activity`);
  await live(page);
  const any = page.locator('.ledger-table tbody tr:not(.month)').first();
  await any.locator('.day-cell').click({ button: 'right' });
  await expect(any.locator('details.menu')).toHaveAttribute('open', '');
  await page.keyboard.press('Escape');
  await expect(any.locator('details.menu')).not.toHaveAttribute('open', '');
});
