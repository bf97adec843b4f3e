// Files of other programs: sent, looked at, imported and undone.
import { AxeBuilder } from '@axe-core/playwright';
import { expect, QUIET, quietPortfolio, test } from '../support/server';

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: QUIET });

  test('a file is sent, chosen about, imported, seen in performance and undone', async ({ page, server }) => {
    await quietPortfolio(server);
    const day = (row: number) => `0${(row % 9) + 1}.0${(Math.floor(row / 9) % 9) + 1}.2025`;
    const rows = Array.from({ length: 5000 }, (_, row) => `${day(row)};Kauf;NEWCO;New Company;1;${10 + (row % 7)},50;EUR;${row}`);
    const file = ['Datum;Typ;Symbol;Name;Stück;Kurs;Währung;Reference', ...rows, '31.09.2025;Kauf;NEWCO;New Company;1;1,00;EUR;x'].join('\n');
    await page.goto(`${server.url}/activity`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.getByRole('link', { name: 'Import a file' }).first().click();
    await expect(page.getByRole('heading', { name: 'Import', exact: true })).toBeVisible();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.setInputFiles('#file', { name: 'books.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
    await page.getByRole('button', { name: 'Look at the file' }).click();
    await expect(page.getByRole('heading', { name: 'Check the import' })).toBeVisible();
    await expect(page.locator('.recognised')).toContainText('1.234,56');
    await expect(page.locator('.fates')).toContainText(/New5,000/);
    await expect(page.locator('.import-rows tbody tr')).toHaveCount(100);
    await page.getByRole('link', { name: 'Error 1' }).click();
    await expect(page.locator('.import-rows')).toContainText('“31.09.2025” is no date.');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByLabel('Ticker for New Company').fill('newer');
    await page.getByRole('button', { name: 'Take these tickers' }).click();
    await expect(page.locator('.import-holdings')).toContainText('NEWER');
    // A long file is stored by a job, and its bar follows what the stream of the job says. The first answer is one of half the way, so that
    // there is a bar to look at however fast the job is; what the server itself says then leads to the end.
    const half = { state: 'running', done: 2_500, total: 5_000, eta_s: 7 };
    await page.route('**/api/v1/sse/jobs/**', (route) => route.fulfill({
      contentType: 'text/event-stream', body: `retry: 500\nevent: job_progress\ndata: ${JSON.stringify(half)}\n\n`,
    }));
    await page.getByRole('button', { name: 'Import 5,000 rows' }).click();
    await expect(page.getByText('2,500 of 5,000 transactions stored · about 7 s left')).toBeVisible();
    await expect(page.locator('.job-bar')).toHaveJSProperty('value', 2_500);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.unroute('**/api/v1/sse/jobs/**');
    await expect(page.getByRole('heading', { name: 'Imported' })).toBeVisible();
    await expect(page.locator('.nothing')).toContainText('5,000 transactions added');
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.goto(`${server.url}/performance?range=all`);
    await expect(page.locator('.by-holding')).toContainText('NEWER');
    await page.goto(`${server.url}/import`);
    await page.getByRole('button', { name: 'Undo books.csv' }).click();
    await expect(page.getByRole('heading', { name: 'Import undone' })).toBeVisible();
    await page.goto(`${server.url}/performance?range=all`);
    await expect(page.locator('.by-holding')).not.toContainText('NEWER');
  });

  test.describe('without scripts', () => {
    test.use({ javaScriptEnabled: false });

    test('a table is pasted, and one that is none is refused with its reason', async ({ page, server }) => {
      await quietPortfolio(server);
      await page.goto(`${server.url}/import`);
      await page.getByText('Paste a table').click();
      const text = page.getByLabel('Text of the table');
      await text.fill('hello, all\nof you, there');
      await page.getByRole('button', { name: 'Look at the table' }).click();
      await expect(page.getByRole('alert')).toContainText('No format is known');
      await page.getByText('Paste a table').click();
      await text.fill('date,type,symbol,quantity,price,currency\n2025-01-02,buy,NEWCO,2,10,EUR');
      await page.getByRole('button', { name: 'Look at the table' }).click();
      await page.getByRole('button', { name: 'Import 1 row' }).click();
      await expect(page.locator('.nothing')).toContainText('1 transaction added');
    });
  });
});
