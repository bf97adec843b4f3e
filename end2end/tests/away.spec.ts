// A page whose stream is lost, and one whose market begins again: what an open page does without being loaded again.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, QUIET, quietPortfolio, Server, test } from '../support/server';
import { Wire } from '../support/wire';

const HOUR_MS = 3_600_000;

test.describe('when the stream is lost', () => {
  test.use({ serverOptions: [...QUIET, '--stale-after-s', '3600'] });

  test('a page waits and tries again by a clock that nobody sets', async ({ page, server }) => {
    // A device whose date can be set: what `Date` says moves, what has passed since the page began does not.
    await page.addInitScript(() => {
      const RealDate = Date;
      const set = { by: 0 };
      Object.assign(window, { setDateBy: (by: number) => { set.by = by; } });
      window.Date = class extends RealDate {
        constructor(...parts: unknown[]) {
          // @ts-expect-error Whatever a Date is made from.
          super(...(parts.length === 0 ? [RealDate.now() + set.by] : parts));
        }

        static now(): number {
          return RealDate.now() + set.by;
        }
      } as DateConstructor;
    });
    await quietPortfolio(server);
    await page.goto(server.url);
    const pill = page.locator('.top .pill');
    const setDateBy = (by: number) => page.evaluate((by) => (window as unknown as { setDateBy(by: number): void }).setDateBy(by), by);
    for (const by of [-HOUR_MS, HOUR_MS]) {
      await expect(pill).toContainText('Live');
      await server.kill();
      await expect(pill).toContainText('Reconnecting', { timeout: 15_000 });
      await setDateBy(by);
      await server.launch();
      await server.push({ ticker: 'AAPL', price: by < 0 ? '151.00' : '152.00' });
      // Its tries are sixteen seconds apart at most by then.
      await expect(pill).toContainText('Live', { timeout: 30_000 });
      await expect(page.locator('.total')).toHaveText(by < 0 ? /€\s*5,510\.00/ : /€\s*5,520\.00/);
    }
  });
});

test.describe('in a network that swallows everything', () => {
  test.use({ serverOptions: [...QUIET, '--stale-after-s', '3600'] });

  test('a page tells a quiet market from a cut, and is live again once the network is', async ({ page, server }) => {
    await quietPortfolio(server);
    const wire = await Wire.to(server.port);
    try {
      await page.goto(wire.url);
      const pill = page.locator('.top .pill');
      await expect(pill).toContainText('Live');
      // Nothing moves for longer than a cut stays unmentioned, and the server answers when it is asked.
      await page.waitForResponse((answer) => answer.url().endsWith('/healthz') && answer.ok());
      await expect(pill).toContainText(/Live\s*[5-9]/);
      wire.swallow();
      await expect(pill).toContainText('Reconnecting');
      await server.push({ ticker: 'AAPL', price: '151.00' });
      const healed = Date.now();
      wire.heal();
      await expect(page.locator('.total')).toHaveText(/€\s*5,510\.00/);
      await expect(pill).toContainText('Live');
      if (process.env.MEASURE) console.log(`live ${Date.now() - healed} ms after a silent network healed`);
    } finally {
      wire.end();
    }
  });
});

test.describe('where a reader has as many streams as she may', () => {
  test.use({ serverOptions: [...QUIET, '--stale-after-s', '3600', '--max-streams-per-user', '1'] });

  test('one tab too many says so, and is live when another is closed', async ({ page, context, server }) => {
    await quietPortfolio(server);
    const other = await context.newPage();
    await other.goto(server.url);
    await expect(other.locator('.top .pill')).toContainText('Live');
    await page.goto(server.url);
    const pill = page.locator('.top .pill');
    await expect(pill).toContainText('Too many tabs');
    await expect(pill).toHaveAttribute('title', /Close one/);
    await other.close();
    await pill.click();
    await expect(pill).toContainText('Live');
  });
});

test('a page that is open takes the older prices of a replay that begins again, and is live only while they move', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'foliostream-ticks-'));
  const file = join(folder, 'ticks.csv');
  // An hour in which the price rises by a cent a minute: of two prices the lower is the older. Then nothing.
  const row = (minute: number) => `2026-03-02T10:${String(minute).padStart(2, '0')}:00Z,ACME,${(100 + minute / 100).toFixed(2)},USD`;
  writeFileSync(file, ['time,ticker,price,currency', ...Array.from({ length: 60 }, (_, minute) => row(minute)), ''].join('\n'));
  // Fifteen seconds for the hour; two seconds later it is stale.
  const server = await Server.start('--feed', `replay:${file}`, '--replay-speed', '240', '--no-demo', '--stale-after-s', '2');
  try {
    await expect.poll(async () => (await fetch(`${server.url}/api/v1/quotes?tickers=ACME`)).status, { intervals: [50] }).toBe(200);
    await page.goto(`${server.url}/i/ACME`);
    const pill = page.locator('.top .pill');
    const price = page.locator('.headline .total');
    const shown = async () => Number.parseFloat((await price.innerText()).replace(/[^0-9.]/g, ''));
    await expect(pill).toContainText('Live');
    await expect.poll(shown, { timeout: 30_000, intervals: [50] }).toBe(100.59);
    await expect(pill).toContainText('Stale since');

    await server.kill();
    await expect(pill).toContainText('Reconnecting', { timeout: 15_000 });
    await server.launch();
    // As when the network is back: it does not wait until its next try.
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await expect.poll(shown, { timeout: 10_000, intervals: [50] }).toBeLessThan(100.5);
    await expect(pill).toContainText('Live');
    const older = await shown();
    expect(older).toBeLessThan(100.59);
    await expect.poll(shown, { intervals: [50] }).toBeGreaterThan(older);
    await expect(pill).toContainText('Live');
    await expect.poll(shown, { timeout: 30_000, intervals: [50] }).toBe(100.59);
    await expect(pill).toContainText('Stale since');
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.describe('when it is not looked at', () => {
  test.use({ serverOptions: QUIET });

  test('a page asks for a price now and then while it is hidden, and is up to date as soon as it is seen', async ({ page, server }) => {
    await quietPortfolio(server);
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const show = (state: DocumentVisibilityState) => page.evaluate((state) => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
      document.dispatchEvent(new Event('visibilitychange'));
    }, state);
    const stream = (isSlow: boolean) => page.waitForRequest((request) =>
      request.url().includes('/sse/stream') && request.url().includes('max_hz=') === isSlow && request.url().includes('last_event_id='));
    const slowed = stream(true);
    await show('hidden');
    await slowed;
    // The slow stream has one write of its own at once; what comes after it waits.
    await server.push({ ticker: 'AAPL', price: '151.00' });
    await server.push({ ticker: 'AAPL', price: '152.00' });
    const quick = stream(false);
    await show('visible');
    await quick;
    await expect(page.locator('.total')).toHaveText(/€\s*5,520\.00/, { timeout: 5_000 });
    await server.push({ ticker: 'AAPL', price: '153.00' });
    await expect(page.locator('.total')).toHaveText(/€\s*5,530\.00/, { timeout: 5_000 });
  });
});
