// Real ticks of a real day: the page moves, and a crossing alert fires at a row of the file at which the price crossed.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '../support/server';

const FILE = resolve(__dirname, '..', '..', '..', 'shared', 'data', 'ticks', 'eurusd-2020-01-01.csv');
const LEVEL = 1.122;

// Five minutes of the market in a second: the first crossing comes after twelve, when the page lives.
test.use({ serverOptions: ['--feed', `replay:${FILE}`, '--replay-speed', '300', '--no-demo', '--stale-after-s', '3600'] });

/** The times of rows at which the mid went from at or below the level to above it. */
function crossings(): Map<number, { price: number; before: number }> {
  const found = new Map<number, { price: number; before: number }>();
  let before: number | undefined;
  for (const line of readFileSync(FILE, 'utf8').trim().split(/\r?\n/).slice(1)) {
    const [time, , bid, ask] = line.split(',');
    const price = (Math.round(Number(bid) * 1e6) + Math.round(Number(ask) * 1e6)) / 2e6;
    if (before !== undefined && before <= LEVEL && price > LEVEL) found.set(Date.parse(time), { price, before });
    before = price;
  }
  return found;
}

if (!existsSync(FILE)) console.warn(`skipped the replay of real ticks: ${FILE} is not there`);

// Decided before the server would be started with a file that is not there.
(existsSync(FILE) ? test : test.skip)('a replayed day moves the page and fires a crossing alert at the right row', async ({ page, server }) => {
  // Its first row is on its way while the server says that it is ready.
  const isQuoted = async () => (await fetch(`${server.url}/api/v1/quotes?tickers=EURUSD=X`)).status;
  await expect.poll(isQuoted, { intervals: [50] }).toBe(200);
  await server.post('/alerts', { ticker: 'EURUSD=X', condition: 'crosses_above', threshold: String(LEVEL) });
  await page.goto(`${server.url}/i/EURUSD=X`);
  await expect(page.getByText('Replayed market').first()).toBeVisible();
  await expect(page.locator('.toast')).toContainText('EURUSD=X', { timeout: 40_000 });
  const [notification] = await server.get('/notifications');
  const row = crossings().get(Date.parse(notification.time));
  expect(row, notification.time).toBeDefined();
  expect(Number(notification.price)).toBeCloseTo(row!.price, 9);
  expect(Number(notification.previous_price)).toBeCloseTo(row!.before, 9);
});
