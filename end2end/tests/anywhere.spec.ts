// The sheet over any page, the level of an alert on its chart, an inbox that is tidied up, a note about an instrument.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('the sheet opens over the page one is on, saves, says so, and closes to it', async ({ page, server }) => {
    await quietPortfolio(server);
    for (const path of ['/', '/i/AAPL', '/alerts', '/inbox', '/settings']) {
      await page.goto(server.url + path);
      await expect(page.locator('.top .pill')).toContainText('Live');
      await page.keyboard.press('n');
      await expect(page.locator('dialog#entry')).toBeVisible();
      expect(new URL(page.url()).pathname).toBe(path);
      await page.keyboard.press('Escape');
      await expect(page.locator('dialog#entry')).toHaveCount(0);
      expect(page.url()).toBe(server.url + path);
    }
    await page.goto(`${server.url}/i/AAPL?range=1y`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const opener = page.getByRole('link', { name: 'Add', exact: true });
    await opener.click();
    await expect(page.getByLabel('Instrument', { exact: true })).toHaveValue('AAPL');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByLabel('Quantity', { exact: true }).fill('3');
    await page.getByLabel('Price per unit', { exact: true }).fill('90');
    // What is typed survives the sheet.
    await page.keyboard.press('Escape');
    await opener.click();
    await expect(page.getByLabel('Quantity', { exact: true })).toHaveValue('3');
    await page.getByRole('button', { name: 'Add transaction', exact: true }).click();
    // The sheet has the same words as long as it is there.
    await expect(page.locator('dialog#entry')).toHaveCount(0);
    await expect(page.locator('.saying')).toContainText('Added');
    expect(page.url()).toBe(`${server.url}/i/AAPL?range=1y`);
    await expect(page.locator('.trades')).toContainText('90');
    await page.locator('.saying .undo').click();
    await expect(page.locator('.trades')).not.toContainText('90.00');
  });

  test('a faulty transaction keeps its fields over another page, and Back closes the sheet', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/alerts`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.keyboard.press('n');
    await page.locator('#entry-ticker').fill('AAPL');
    await page.getByLabel('Quantity', { exact: true }).fill('5');
    await page.getByRole('button', { name: 'Add transaction', exact: true }).click();
    await expect(page.locator('#entry-price-wrong')).toBeVisible();
    await expect(page.getByLabel('Quantity', { exact: true })).toHaveValue('5');
    await page.goBack();
    await expect(page.locator('dialog#entry')).toHaveCount(0);
    expect(page.url()).toBe(`${server.url}/alerts`);
  });

  test('a notification is deleted and brought back, on every page', async ({ page, context, server }) => {
    await quietPortfolio(server);
    for (const threshold of ['110', '120']) await server.post('/alerts', { ticker: 'AAPL', condition: 'price_above', threshold });
    await server.push({ ticker: 'AAPL', price: '130.00' });
    await page.goto(`${server.url}/inbox`);
    const other = await context.newPage();
    await other.goto(`${server.url}/inbox`);
    await expect(page.locator('.inbox li')).toHaveCount(2);
    await expect(other.locator('.top .pill')).toContainText('Live');
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.locator('.inbox li').first().getByRole('button', { name: /^Delete/ }).click();
    await expect(page.locator('.inbox li')).toHaveCount(1);
    await expect(other.locator('.inbox li')).toHaveCount(1);
    await expect(page.locator('.saying')).toContainText('Notification deleted');
    await page.locator('.saying .undo').click();
    await expect(page.locator('.inbox li')).toHaveCount(2);
    await expect(other.locator('.inbox li')).toHaveCount(2);
    expect((await server.get('/notifications')).length).toBe(2);
  });

  test('changes that come while a page fetches again leave it alive', async ({ page, server }) => {
    const portfolio = await quietPortfolio(server);
    await page.goto(`${server.url}/i/AAPL`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const buy = (quantity: string) => ({ kind: 'buy', time: '2026-02-01', ticker: 'AAPL', quantity, price: '90' });
    for (let turn = 0; turn < 5; turn++) {
      const made = await Promise.all(['1', '2', '3'].map((quantity) => server.post(`/portfolios/${portfolio}/activities`, buy(quantity))));
      await server.push({ ticker: 'AAPL', price: `15${turn}.00` });
      await expect(page.locator('.position')).toContainText('16');
      for (const { activity_id } of made) await server.delete(`/portfolios/${portfolio}/activities/${activity_id}`);
      await expect(page.locator('.facts-grid')).toContainText(/Quantity10Day/);
    }
  });

  test('a note about an instrument is kept, and undone', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/i/AAPL`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.getByRole('textbox', { name: 'Note' }).fill('Sell above 200');
    // A change of the portfolio from elsewhere takes nothing away.
    const portfolio = (await server.get('/portfolios'))[0].portfolio_id;
    await server.post(`/portfolios/${portfolio}/activities`, { kind: 'buy', time: '2026-02-01', ticker: 'AAPL', quantity: '1', price: '77' });
    await expect(page.locator('.trades')).toContainText('77');
    await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Sell above 200');
    await page.getByRole('button', { name: 'Save note' }).click();
    await expect(page.locator('.saying')).toContainText('Note');
    await page.reload();
    const note = page.getByRole('textbox', { name: 'Note' });
    await expect(note).toHaveValue('Sell above 200');
    await expect(page.locator('.top .pill')).toContainText('Live');
    // Another instrument has its own, and what was typed here waits.
    await note.fill('Sell at once');
    await page.getByRole('link', { name: 'Overview' }).first().click();
    await page.locator('.holdings').getByRole('link', { name: /MSFT/ }).first().click();
    await expect(page).toHaveURL(/\/i\/MSFT/);
    await expect(note).toHaveValue('');
    await page.goto(`${server.url}/i/AAPL`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await note.fill('Sell at once');
    await page.getByRole('button', { name: 'Save note' }).click();
    await page.locator('.saying .undo').click();
    await expect(note).toHaveValue('Sell above 200');
  });
});

test('the level of a new alert is typed, dragged, moved by keys and offered, and says what it would have done', async ({ page, server }) => {
  await page.goto(`${server.url}/alerts`);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await page.locator('#alert-ticker').fill('AAPL');
  const handle = page.getByRole('slider', { name: 'Level' });
  await expect(handle).toBeVisible();
  const level = page.locator('#alert-threshold');
  await page.locator('.level-offers button').first().click();
  await expect(level).toHaveValue(/^\d+/);
  await expect(page.locator('.would-fire')).toContainText(/happen/);
  await expect(page.locator('.away')).toContainText('typical days');
  const before = Number(await level.inputValue());
  await handle.focus();
  await page.keyboard.press('ArrowUp');
  await expect.poll(async () => Number(await level.inputValue())).toBeGreaterThan(before);
  await page.keyboard.press('PageDown');
  await expect.poll(async () => Number(await level.inputValue())).toBeLessThan(before);
  const plot = (await page.locator('.level-chart .plot').boundingBox())!;
  await page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height - 4);
  await page.mouse.down();
  const low = Number(await level.inputValue());
  await page.mouse.move(plot.x + plot.width / 2, plot.y + 4, { steps: 5 });
  await page.mouse.up();
  await expect.poll(async () => Number(await level.inputValue())).toBeGreaterThan(low);
  await page.mouse.move(plot.x + plot.width / 2, plot.y + plot.height - 4);
  const kept = await level.inputValue();
  await page.mouse.move(plot.x + plot.width / 2, plot.y + 40);
  expect(await level.inputValue()).toBe(kept);
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByRole('button', { name: 'Create alert', exact: true }).last().click();
  await expect(page.locator('.alert-list .alert')).toHaveCount(1);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, serverOptions: QUIET });

  test('a notification is pushed aside to be deleted', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.post('/alerts', { ticker: 'AAPL', condition: 'price_above', threshold: '110' });
    await server.push({ ticker: 'AAPL', price: '130.00' });
    await page.goto(`${server.url}/inbox`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const row = page.locator('.inbox li').first();
    const press = row.getByRole('button', { name: /^Delete/ });
    await expect(press).not.toBeInViewport();
    await row.evaluate((row) => row.scrollTo({ left: row.scrollWidth, behavior: 'instant' }));
    await expect(press).toBeInViewport();
    await press.tap();
    await expect(page.locator('.inbox li')).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });
});

test.describe('without a portfolio', () => {
  test.use({ serverOptions: QUIET });

  test('the way to a transaction leads to what must be there first', async ({ page, server }) => {
    await page.goto(`${server.url}/alerts`);
    await expect(page.locator('html')).toHaveAttribute('data-script', '');
    await expect(page.locator('.top .pill')).not.toContainText('Connecting');
    await page.waitForFunction(() => document.querySelector('.top .add')?.getAttribute('href')?.startsWith('/activity'));
    await page.keyboard.press('n');
    await expect(page).toHaveURL(/\/activity/);
    await expect(page.getByRole('link', { name: 'Create portfolio' })).toBeVisible();
  });
});
