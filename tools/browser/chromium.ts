// Browser tests drive the system's Chromium: playwright-core downloads nothing.
import { type Browser, chromium as playwright } from 'playwright-core'
import { describe } from 'vitest'
import { chromiumMissing, chromiumPath } from './find.ts'

/** `describe` for *.browser.test.ts: without Chromium the block is skipped by name and none of its hooks run. */
export const describeInChromium = describe.skipIf(chromiumPath === undefined)

export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(chromiumMissing)
  // Chromium refuses its sandbox as root, which is what containers run tests as.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return await playwright.launch({ executablePath: chromiumPath, args })
}
