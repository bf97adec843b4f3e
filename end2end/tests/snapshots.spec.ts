// Every page at three widths in both themes beside its kept picture, in a market that stands still. `make snapshots` compares,
// `make snapshots UPDATE=1` keeps new pictures; the pictures are of one Chromium with its fonts and of 2026,
// so CI does not compare them.
import { expect, QUIET, Server, test } from '../support/server';

const PAGES = { overview: '/', week: '/?range=1w', instrument: '/i/AAPL', performance: '/performance', transactions: '/activity', sheet: '/activity?add=buy', alerts: '/alerts', inbox: '/inbox', settings: '/settings', missing: '/nowhere' };

test.use({ serverOptions: [...QUIET, '--stale-after-s', '3600'] });
test.skip(!process.env.SNAPSHOTS, 'pictures are compared by make snapshots');

/** Two years of one portfolio, an alert that waits and one that fired. */
async function furnish(server: Server): Promise<void> {
  const names = ['AAPL', 'MSFT', 'SAP.DE', 'BTC-USD', 'VWCE.DE', 'NESN.SW'];
  await server.push(...names.map((ticker, index) => ({ ticker, price: `${100 + 40 * index}.00`, previous_close: `${101 + 39 * index}.00`, currency: 'EUR' })));
  const { portfolio_id } = await server.post('/portfolios', { name: 'Long-term', currency: 'EUR' });
  const activities = `/portfolios/${portfolio_id}/activities`;
  await server.post(activities, { kind: 'deposit', time: '2026-01-02', amount: '9000' });
  for (const [index, ticker] of names.entries()) {
    await server.post(activities, { kind: 'buy', time: `2026-0${index + 2}-05`, ticker, quantity: '5', price: `${90 + 38 * index}`, fee: '1.50' });
  }
  await server.post(activities, { kind: 'sell', time: '2026-09-10', ticker: 'AAPL', quantity: '2', price: '98' });
  await server.post(activities, { kind: 'dividend', time: '2026-10-01', ticker: 'MSFT', amount: '6.20', tax: '0.93' });
  await server.post('/alerts', { ticker: 'AAPL', condition: 'crosses_above', threshold: '110', note: 'Trim a third' });
  await server.post('/alerts', { ticker: 'SAP.DE', condition: 'price_above', threshold: '150' });
  await expect.poll(() => server.get('/notifications').then((all) => all.length)).toBe(1);
}

for (const scheme of ['dark', 'light'] as const) {
  for (const width of [1440, 1024, 390]) {
    test(`pages look as they did: ${scheme}, ${width} px`, async ({ page, server }) => {
      test.setTimeout(180_000);
      await furnish(server);
      await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(server.url + path);
        await expect(page.locator('.top .pill')).toContainText('Live');
        await page.evaluate(() => document.fonts.ready.then(() => null));
        // What tells the time of day or the date of today is covered.
        const mask = ['.pill', 'time', '.axis', '.plot', '.inbox-day h2', '.device-list', '.facts-list', 'input[type=date]'].map((at) => page.locator(at));
        await expect(page).toHaveScreenshot(`${name}-${scheme}-${width}.png`, { fullPage: true, animations: 'disabled', mask, maxDiffPixelRatio: 0.005 });
      }
    });
  }
}
