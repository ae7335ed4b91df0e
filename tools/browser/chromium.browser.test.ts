import { expect, test } from 'vitest'
import { describeInChromium, launchChromium } from './chromium.ts'

describeInChromium('chromium', () => {
  test('starts, and runs what a page needs', async () => {
    const browser = await launchChromium()
    try {
      const page = await browser.newPage()
      expect(await page.evaluate(() => typeof indexedDB.open)).toBe('function')
    } finally {
      await browser.close()
    }
  })
})
