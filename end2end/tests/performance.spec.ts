// How it went: a period in the address, a comparison, and figures that close.
import { expect, QUIET, test } from '../support/server';

const DAY = 86_400_000;
const day = (back: number) => new Date(Date.now() - back * DAY).toISOString();

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('a period, its return beside another, and where the gain came from', async ({ page, server }) => {
    for (const [back, price, other] of [[3, '100', '50'], [2, '110', '51'], [0, '121', '52']] as const) {
      await server.push({ ticker: 'VOLT', price, currency: 'EUR', time: day(back) }, { ticker: 'INDEX', price: other, currency: 'EUR', time: day(back) });
    }
    const { portfolio_id: id } = await server.post('/portfolios', { name: 'Own', currency: 'EUR' });
    await server.post(`/portfolios/${id}/activities`, { kind: 'deposit', time: day(3).slice(0, 10), amount: '1000' });
    await server.post(`/portfolios/${id}/activities`, { kind: 'buy', time: day(3).slice(0, 10), ticker: 'VOLT', quantity: '10', price: '100' });
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Performance' }).first().click();
    await expect(page).toHaveURL(/\/performance/);
    await expect(page.locator('.performance-hero .total')).toHaveText('+21.00%');
    await expect(page.locator('.sources')).toContainText('+210.00');
    await expect(page.locator('.by-holding')).toContainText('VOLT');
    await page.getByRole('link', { name: '1D', exact: true }).click();
    await expect(page.locator('.performance-hero .total')).toHaveText('+10.00%');
    // The end of today moves with the stream.
    await expect(page.locator('.top .pill')).toContainText('Live');
    await server.push({ ticker: 'VOLT', price: '132', currency: 'EUR' });
    await expect(page.locator('.performance-hero .total')).toHaveText('+20.00%');
    await page.getByLabel('Ticker to compare with').fill('index');
    await page.getByRole('button', { name: 'Compare' }).click();
    await expect(page.locator('.key')).toContainText('INDEX');
    await expect(page.locator('.performance-facts')).toContainText('Against INDEX');
    await page.getByRole('link', { name: 'Do not compare with INDEX' }).click();
    await expect(page.locator('.key')).not.toContainText('INDEX');
  });
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('two days of one\'s own are asked for by a form, and a range by a link', async ({ page, server }) => {
    await page.goto(`${server.url}/performance`);
    await expect(page.locator('.performance-hero .total')).toContainText('%');
    await expect(page.locator('.heat-map tbody tr')).not.toHaveCount(0);
    await page.getByText('Dates', { exact: true }).click();
    await page.getByLabel('First day').fill(day(30).slice(0, 10));
    await page.getByLabel('Last day').fill(day(10).slice(0, 10));
    await page.getByRole('button', { name: 'Show' }).click();
    await expect(page).toHaveURL(new RegExp(`from=${day(30).slice(0, 10)}`));
    await expect(page.locator('.percent-chart').first()).toBeVisible();
    await page.getByRole('link', { name: 'YTD' }).click();
    await expect(page).toHaveURL(/range=ytd/);
    await page.goto(`${server.url}/performance?range=forever`);
    await expect(page.locator('.failure')).toContainText('Choose 1d, 1w');
  });
});
