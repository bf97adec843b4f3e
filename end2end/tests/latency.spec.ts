// Measures how long a pushed price takes to its cell on the screen, and how many bytes an open page costs. Printed, never judged:
// `make bench` asks for it.
import { expect, QUIET, quietPortfolio, Server, test } from '../support/server';

const PUSHES = 100;

test.use({ serverOptions: QUIET });

test('measured: a price from push to page', async ({ page, server }) => {
  test.skip(!process.env.MEASURE, 'measured by make bench');
  test.setTimeout(180_000);
  await quietPortfolio(server);
  await page.goto(server.url);
  await expect(page.locator('.top .pill')).toContainText('Live');
  await page.evaluate(() => {
    const cell = [...document.querySelectorAll('table.holdings tbody tr')].find((row) => row.textContent.includes('AAPL'))!.querySelector('.price')!;
    const seen: Record<string, number> = {};
    new MutationObserver(() => { seen[cell.textContent!.replace(/[^0-9.]/g, '')] ??= Date.now(); })
      .observe(cell, { subtree: true, childList: true, characterData: true });
    Object.assign(window, { seen });
  });
  const sent: Record<string, number> = {};
  for (let push = 1; push <= PUSHES; push++) {
    const price = (150 + push / 100).toFixed(2);
    sent[price] = Date.now();
    await server.push({ ticker: 'AAPL', price });
    // Only once it is seen comes the next, so that none is conflated away.
    await page.waitForFunction((wanted) => wanted in (window as any).seen, price);
  }
  const seen: Record<string, number> = await page.evaluate(() => (window as any).seen);
  const took = Object.keys(sent).map((price) => seen[price] - sent[price]).sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))];
  console.log(`page: push to DOM, ${PUSHES} prices: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${took[took.length - 1]} ms (frame interval 250 ms; target p95 ≤ 350 ms)`);
});

test('measured: bytes a second of the demo overview, seen, hidden and saving data', async ({ page }) => {
  test.skip(!process.env.MEASURE, 'measured by make bench');
  test.setTimeout(300_000);
  const server = await Server.start();
  try {
    const network = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    let bytes = 0;
    network.on('Network.dataReceived', ({ dataLength }) => { bytes += dataLength; });
    await page.goto(server.url);
    await expect(page.locator('.top .pill')).toContainText('Live');
    const over = async (name: string) => {
      const before = bytes;
      await new Promise((done) => setTimeout(done, 60_000));
      console.log(`page: ${((bytes - before) / 60 / 1_000).toFixed(2)} KB/s of the demo's overview, ${name}, over a minute`);
    };
    await over('seen');
    const slowed = page.waitForRequest((request) => request.url().includes('max_hz='));
    await page.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await slowed;
    await over('hidden');
    await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }));
    const saving = page.waitForRequest((request) => request.url().includes('max_hz=0.1'));
    await page.goto(server.url);
    await saving;
    await expect(page.locator('.top .pill')).toContainText('Live');
    await over('seen on a device that saves data');
  } finally {
    await server.stop();
  }
});
