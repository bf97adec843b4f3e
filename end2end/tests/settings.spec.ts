// What is settled under Settings: forms of numbers and dates, the time zone, the portfolio that is shown first, files, and deleting it all.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('numbers and dates are written as they were chosen, and read in that form and in the other', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/settings`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await expect(page.locator('#numbers .setting-value')).toHaveText('1,234.56');
    await page.locator('#numbers > summary').click();
    await page.locator('#numbers .radio', { hasText: '1’234.56' }).click();
    await page.locator('#numbers').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#numbers .setting-value')).toHaveText('1’234.56');
    await page.locator('#dates > summary').click();
    await expect(page.locator('#numbers[open]')).toHaveCount(0);
    await page.locator('#dates .radio', { hasText: /^2026-11-27$/ }).click();
    await page.locator('#dates').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#dates .setting-value')).toHaveText('2026-11-27');
    await expect(page.locator('#numbers .setting-value')).toHaveText('1’234.56');

    await page.goto(`${server.url}/activity?add=buy`);
    await page.getByLabel('Instrument', { exact: true }).fill('AAPL');
    await page.getByLabel('Date', { exact: true }).fill('2026-01-05');
    await page.getByLabel('Quantity', { exact: true }).fill("1'000,5");
    await page.getByLabel('Price per unit', { exact: true }).fill('1,5');
    await page.getByLabel('Quantity', { exact: true }).fill("1'000.5");
    await page.getByRole('button', { name: 'Add transaction', exact: true }).click();
    await expect(page.locator('dialog#entry')).toHaveCount(0);
    await expect(page.locator('.saying')).toBeVisible();
    await expect(page.locator('.transactions')).toContainText('1’000.5');
    await page.goto(`${server.url}/i/AAPL`);
    await expect(page.locator('.trades')).toContainText('2026-01-05');
  });

  test('a time zone is chosen in place of the browser’s own, and one that does not exist is refused in its field', async ({ page, server }) => {
    await server.push({ ticker: 'AAPL', price: '100.00', currency: 'EUR' });
    await page.goto(`${server.url}/settings`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.locator('#zone > summary').click();
    await page.locator('#zone-name').fill('Mars/Olympus');
    await page.locator('#zone').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#zone-name-wrong')).toContainText('such as Europe/Berlin');
    await expect(page.locator('#zone-name')).toHaveValue('Mars/Olympus');
    await page.locator('#zone-name').fill('Pacific/Auckland');
    await page.locator('#zone').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#zone .setting-value')).toHaveText('Pacific/Auckland');
    // The time that the page shows is the same before and after it lives.
    const hour = new Intl.DateTimeFormat('en-GB', { timeZone: 'Pacific/Auckland', hour: '2-digit', hourCycle: 'h23' }).format(new Date());
    await expect(page.locator('.device-list time').first()).toContainText(`${hour}:`);
    await page.locator('#zone > summary').click();
    await page.locator('#zone').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#zone .setting-value')).not.toHaveText('Pacific/Auckland');
  });

  test('another portfolio is shown first', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.post('/portfolios', { name: 'Second', currency: 'USD' });
    await page.goto(server.url);
    await expect(page.locator('.portfolio-menu summary')).not.toContainText('Second');
    await page.goto(`${server.url}/settings`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const second = page.locator('.portfolio-list > li', { hasText: 'Second' });
    await second.locator('summary.icon').click();
    await second.getByRole('button', { name: /Show first/ }).click();
    await expect(second.locator('.tag', { hasText: 'Shown first' })).toBeVisible();
    await page.goto(server.url);
    await expect(page.locator('.portfolio-menu summary')).toContainText('Second');
  });

  test('everything is a file, and is deleted only by somebody who is sure', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.post('/alerts', { ticker: 'AAPL', condition: 'price_above', threshold: '500' });
    await page.goto(`${server.url}/settings`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.locator('#export > summary').click();
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#export').getByRole('link', { name: /CSV/ }).first().click()]);
    expect(download.suggestedFilename()).toMatch(/\.csv$/);
    await page.locator('#delete-everything > summary').click();
    await page.locator('#delete-everything').getByRole('button', { name: 'Delete everything' }).click();
    expect((await server.get('/portfolios')).length).toBe(1);
    await page.getByLabel("I'm sure").check();
    await page.locator('#delete-everything').getByRole('button', { name: 'Delete everything' }).click();
    await expect(page).toHaveURL(`${server.url}/`);
    await expect(page.locator('.steps')).toBeVisible();
    expect([await server.get('/portfolios'), await server.get('/alerts')]).toEqual([[], []]);
  });

  test('rows open by keyboard, one at a time, and have nothing to object to', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/settings`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    for (const id of ['language', 'numbers', 'zone', 'theme', 'export', 'delete-everything']) {
      await page.locator(`#${id} > summary`).focus();
      await page.keyboard.press('Enter');
      await expect(page.locator('.setting[open]')).toHaveCount(1);
      expect((await new AxeBuilder({ page }).analyze()).violations, id).toEqual([]);
    }
  });
});

test.describe('without scripts', () => {
  test.use({ serverOptions: QUIET, javaScriptEnabled: false });

  test('forms of numbers and the zone are chosen by plain forms', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/settings`);
    await page.locator('#numbers > summary').click();
    await page.locator('#numbers .radio', { hasText: '1.234,56' }).click();
    await page.locator('#numbers').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#numbers .setting-value')).toHaveText('1.234,56');
    await page.locator('#zone > summary').click();
    await page.locator('#zone-name').fill('Nowhere');
    await page.locator('#zone').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#zone-name-wrong')).toContainText('such as Europe/Berlin');
    await page.locator('#zone-name').fill('Asia/Tokyo');
    await page.locator('#zone').getByRole('button', { name: 'Save' }).click();
    await expect(page.locator('#zone .setting-value')).toHaveText('Asia/Tokyo');
  });
});
