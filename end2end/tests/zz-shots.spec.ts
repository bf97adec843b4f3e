import { expect, test } from '../support/server';
for (const scheme of ['dark', 'light'] as const) for (const width of [1440, 390]) {
  test(`shots ${scheme} ${width}`, async ({ page, server }) => {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await page.emulateMedia({ colorScheme: scheme });
    for (const name of ['operations', 'settings']) {
      await page.goto(`${server.url}/${name}`);
      await expect(page.locator('.top .pill')).toContainText('Live');
      await page.waitForTimeout(9000);
      await page.screenshot({ path: `/tmp/ops-shots/${name}-${scheme}-${width}.png`, fullPage: true });
    }
  });
}
