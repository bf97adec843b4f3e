// The hydrated page: figures move, alerts arrive, and nothing is missed across a cut.
import { expect, QUIET, quietPortfolio, test } from '../support/server';

const price = (page: import('@playwright/test').Page, ticker: string) =>
  page.locator('table.holdings tbody tr').filter({ hasText: ticker }).locator('.price');

test('prices move, the pill says live, and one stream carries everything', async ({ page, server }) => {
  const streams: string[] = [];
  page.on('request', (request) => { if (request.url().includes('/api/v1/sse/')) streams.push(request.url()); });
  await page.goto(server.url);
  await expect(page.locator('.top .pill')).toContainText('Live');
  const before = await price(page, 'AAPL').innerText();
  await expect(price(page, 'AAPL')).not.toHaveText(before);
  const total = await page.locator('.total').innerText();
  await expect(page.locator('.total')).not.toHaveText(total);
  expect(streams).toHaveLength(1);
});

test('hydration goes on from the cursor of the first paint', async ({ page, server }) => {
  const stream = page.waitForRequest((request) => request.url().includes('/api/v1/sse/stream'));
  // The other pages' part comes by itself: the server is not taken away while it is on its way.
  const otherPages = page.waitForResponse((response) => response.url().includes('split_later'));
  await page.goto(server.url);
  expect(new URL((await stream).url()).searchParams.get('last_event_id')).toMatch(/^\d+-[0-9a-f]{8}-\d+-[1-9]\d*$/);
  await (await otherPages).finished();
});

test('a walk through the pages keeps the stream or opens the one that is needed', async ({ page, server }) => {
  await page.goto(server.url);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await page.locator('table.holdings tbody tr').filter({ hasText: 'MSFT' }).getByRole('link').click();
  await expect(page).toHaveURL(/\/i\/MSFT/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.getByRole('navigation', { name: 'Range' }).getByRole('link', { name: /^1Y/ }).click();
  await expect(page).toHaveURL(/range=1y/);
  for (const name of ['Transactions', 'Alerts', 'Inbox', 'Overview']) {
    await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: new RegExp(`^${name}`) }).click();
    await expect(page.locator('main')).not.toBeEmpty();
  }
  const before = await price(page, 'MSFT').innerText();
  await expect(price(page, 'MSFT')).not.toHaveText(before);
});

test('keys find, go and help', async ({ page, server }) => {
  await page.goto(server.url);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await page.keyboard.press('/');
  await page.getByRole('combobox', { name: 'Search instruments, pages and actions' }).fill('micros');
  await expect(page.locator('#search-list li').first()).toContainText('MSFT');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/i\/MSFT/);
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page).toHaveURL(/\/alerts/);
  await page.keyboard.press('g');
  await page.keyboard.press('o');
  await expect(page).toHaveURL(`${server.url}/`);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

test('theme and privacy are remembered and hide what they should', async ({ page, server }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(server.url);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await page.getByRole('button', { name: /dark and light/ }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.getByRole('button', { name: 'Hide amounts' }).click();
  await page.reload();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('html')).toHaveAttribute('data-private', /.*/);
});

test('no cell is washed where motion is not wanted', async ({ page, server }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(server.url);
  const before = await price(page, 'AAPL').innerText();
  await expect(price(page, 'AAPL')).not.toHaveText(before);
  const moving = await page.evaluate(() => document.getAnimations().filter((animation) => animation.playState === 'running').length);
  expect(moving).toBe(0);
});

test.describe('in a market that only moves when pushed', () => {
  test.use({ serverOptions: [...QUIET, '--stale-after-s', '3600'] });

  test('an alert made on the page fires and arrives as a toast, in the inbox and on the badge', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/alerts`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.getByLabel('Instrument', { exact: true }).fill('AAPL');
    await page.getByLabel('Level').fill('155');
    await expect(page.locator('.away')).toContainText(/3\.33\s?%/);
    await page.getByRole('button', { name: 'Create alert', exact: true }).click();
    await expect(page.getByRole('article').filter({ hasText: '155' })).toBeVisible();
    await server.push({ ticker: 'AAPL', price: '154.00' }, { ticker: 'AAPL', price: '156.00' });
    const toast = page.locator('.toast');
    await expect(toast).toContainText('AAPL');
    await expect(toast).toContainText('156.00');
    await expect(page.locator('.top .badge')).toContainText('1');
    await toast.getByRole('link', { name: 'Open inbox' }).click();
    await expect(page.locator('main')).toContainText(/AAPL rose above 155/);
    await page.getByRole('link', { name: 'Unread', exact: true }).click();
    await expect(page.locator('.inbox-day')).toContainText(/AAPL rose above 155/);
    await page.getByRole('button', { name: /Mark as read AAPL/ }).click();
    await expect(page.locator('.top .badge')).toHaveCount(0);
    await expect(page.locator('main')).toContainText('Nothing unread');
    await page.getByRole('link', { name: 'All', exact: true }).click();
    await expect(page.locator('.inbox-day')).toContainText(/AAPL rose above 155/);
    expect(await server.get('/notifications')).toHaveLength(1);
  });

  test('a refused form says so beside its field and keeps what was typed', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(`${server.url}/alerts`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await page.getByLabel('Instrument', { exact: true }).fill('NOBODY');
    await page.getByLabel('Level').fill('7.5');
    await page.getByRole('button', { name: 'Create alert', exact: true }).click();
    await expect(page.getByText(/No instrument NOBODY/)).toBeVisible();
    await expect(page.getByLabel('Level')).toHaveValue('7.5');
  });

  test('a killed server shows Reconnecting, then live again with nothing missed', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: '160' });
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await server.kill();
    await expect(page.locator('.top .pill')).toContainText('Reconnecting', { timeout: 15_000 });
    await server.launch();
    // While the page is still away: a crossing, and a new price.
    await server.push({ ticker: 'AAPL', price: '161.00' }, { ticker: 'MSFT', price: '404.00' });
    await expect(page.locator('.top .pill')).toContainText('Live', { timeout: 30_000 });
    await expect(price(page, 'MSFT')).toContainText('404.00');
    await expect(price(page, 'AAPL')).toContainText('161.00');
    await expect(page.locator('.top .badge')).toContainText('1');
    await expect(page.locator('.toast')).toHaveCount(0);
    expect(await server.get('/notifications')).toHaveLength(1);
  });

  test('two tabs agree', async ({ page, context, server }) => {
    await quietPortfolio(server);
    const other = await context.newPage();
    await page.goto(server.url);
    await other.goto(server.url);
    for (const tab of [page, other]) await expect(tab.locator('.top .pill')).toContainText('Live');
    for (let step = 1; step <= 20; step++) await server.push({ ticker: 'AAPL', price: `${150 + step}.00` });
    // 10 × 170 + 10 × 400
    for (const tab of [page, other]) await expect(tab.locator('.total')).toHaveText(/€\s*5,700\.00/);
  });

  test('an activity entered elsewhere shows up without a reload', async ({ page, server }) => {
    const portfolio = await quietPortfolio(server);
    await page.goto(server.url);
    await expect(page.locator('.total')).toHaveText(/€\s*5,500\.00/);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await server.post(`/portfolios/${portfolio}/activities`, { kind: 'sell', time: '2026-02-05', ticker: 'MSFT', quantity: '10', price: '400' });
    await expect(page.locator('table.holdings tbody tr')).toHaveCount(1);
    await expect(page.locator('.total')).toHaveText(/€\s*1,500\.00/);
  });

  test('what happens while a page is still being fetched finds it when it lives', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: '155' });
    let letGo = () => {};
    const held = new Promise<void>((release) => { letGo = release; });
    const isWanted = page.waitForRequest('**/pkg/split*.wasm');
    await page.route('**/pkg/split*.wasm', async (route) => { await held; await route.continue(); });
    await page.goto(`${server.url}/i/AAPL`, { waitUntil: 'commit' });
    await isWanted;
    await server.push({ ticker: 'AAPL', price: '156.00' });
    await expect.poll(async () => (await server.get('/notifications')).length).toBe(1);
    letGo();
    await expect(page.locator('.top .pill')).toContainText('Live');
    await expect(page.locator('.top .badge')).toContainText('1');
    await expect(page.locator('main')).toContainText('156.00');
    await server.push({ ticker: 'AAPL', price: '157.00' });
    await expect(page.locator('main')).toContainText('157.00');
  });

  test('a page that cannot be fetched at first stays as the server made it, says that it is not live, and lives when it can', async ({ page, server, complaints }) => {
    await quietPortfolio(server);
    let isCut = true;
    await page.route('**/pkg/split*.wasm', (route) => (isCut ? route.fulfill({ status: 503 }) : route.continue()));
    await page.goto(`${server.url}/i/AAPL`);
    await expect(page.locator('main')).toContainText('150.00');
    await expect(page.locator('.top .pill')).not.toContainText('Live');
    isCut = false;
    await expect(page.locator('.top .pill')).toContainText('Live');
    // The browser's own words about the cut, and nothing else: no panic among them.
    const others = complaints.splice(0).filter((text) => !/status of 503|HTTP status code is not ok|blocked by Playwright/.test(text));
    expect(others).toEqual([]);
    await server.push({ ticker: 'AAPL', price: '151.00' });
    await expect(page.locator('main')).toContainText('151.00');
  });

  test('when a portfolio is deleted, every page that showed it goes on with what is left', async ({ page, context, server }) => {
    const quiet = await quietPortfolio(server);
    const buy = { kind: 'buy', time: '2026-01-05', ticker: 'AAPL', quantity: '2', price: '140' };
    const { portfolio_id: left } = await server.post('/portfolios', { name: 'What is left', currency: 'EUR' });
    await server.post(`/portfolios/${left}/activities`, buy);
    const ledger = await context.newPage();
    const entries = ledger.locator('table tbody tr:not(.month)');
    await ledger.goto(`${server.url}/activity`);
    await expect(ledger.locator('.top .pill')).toContainText('Live');
    await expect(entries).toHaveCount(2);
    await server.post(`/portfolios/${quiet}/activities`, buy);
    await expect(entries).toHaveCount(3);
    const asked = await context.newPage();
    await asked.goto(`${server.url}/?portfolio=${quiet}`);
    await expect(asked.locator('.top .pill')).toContainText('Live');

    await page.goto(`${server.url}/settings`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const first = page.locator('.portfolio-list > li').first();
    await first.locator('summary.icon').click();
    await first.getByText('Delete', { exact: true }).first().click();
    await first.getByRole('button', { name: /^Delete / }).click();
    await expect(page.locator('.total')).toHaveText(/€\s*300\.00/);
    await expect(page.locator('.top .pill')).toContainText('Live');
    await server.push({ ticker: 'AAPL', price: '151.00' });
    await expect(page.locator('.total')).toHaveText(/€\s*302\.00/);
    // A page that named no portfolio shows the one that is left, and follows it.
    await expect(entries).toHaveCount(1);
    await server.post(`/portfolios/${left}/activities`, buy);
    await expect(entries).toHaveCount(2);
    // A page that asked for the deleted one by its address says that there is no such thing.
    await expect(asked.locator('main')).toContainText(/portfolio does not exist|not found/i);
  });
});

test.describe('when ticks stop', () => {
  test.use({ serverOptions: [...QUIET, '--stale-after-s', '2'] });

  test('a stale price never looks fresh', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Stale since');
    await expect(price(page, 'AAPL')).toHaveClass(/old/);
    await server.push({ ticker: 'AAPL', price: '151.00' });
    await expect(page.locator('.top .pill')).toContainText('Live');
    await expect(price(page, 'AAPL')).not.toHaveClass(/old/);
  });
});

test.describe('an alert that is deleted', () => {
  test.use({ serverOptions: [...QUIET, '--stale-after-s', '3600'] });

  test('comes back by Undo where it can fire, and offers none where the new one would fire at once', async ({ page, server }) => {
    await quietPortfolio(server);
    await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: '160' });
    await server.post('/alerts', { ticker: 'MSFT', condition: 'crosses_above', threshold: '300' });
    await page.goto(`${server.url}/alerts`);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const remove = async (ticker: string) => {
      const alert = page.getByRole('article').filter({ hasText: ticker });
      await alert.locator('summary.icon').click();
      await alert.getByText('Delete', { exact: true }).first().click();
      await alert.getByRole('button', { name: /^Delete/ }).click();
      await expect(alert).toHaveCount(0);
    };
    await remove('MSFT');
    await expect(page.getByText('Deleted: MSFT')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Undo' })).toHaveCount(0);
    await remove('AAPL');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('article').filter({ hasText: 'AAPL' })).toBeVisible();
  });
});
