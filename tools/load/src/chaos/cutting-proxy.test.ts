import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createRandom } from '../world/random.ts'
import { CuttingProxy } from './cutting-proxy.ts'

async function withProxy(cutEveryMs: number, use: (proxy: CuttingProxy) => Promise<void>): Promise<void> {
  const origin = createServer((_request, response) => response.end('Grüße 👋'.repeat(1_000)))
  await new Promise<void>((resolve) => origin.listen(0, '127.0.0.1', resolve))
  const targetPort = (origin.address() as AddressInfo).port
  const proxy = await CuttingProxy.start({ targetPort, random: createRandom('proxy'), cutEveryMs })
  try {
    await use(proxy)
  } finally {
    await proxy.close()
    origin.close()
  }
}

test('lets everything through until it is told to cut', async () => {
  await withProxy(1, async (proxy) => {
    const text = await (await fetch(proxy.url)).text()
    expect(text).toBe('Grüße 👋'.repeat(1_000))
    expect(proxy.cutCount).toBe(0)
  })
})

test('cuts links under way, and lets through again when it has healed', { timeout: 30_000 }, async () => {
  await withProxy(10, async (proxy) => {
    proxy.startCutting()
    const read = async () => (await fetch(proxy.url)).text()
    let failures = 0
    while (failures < 3) await Promise.all([read(), read(), read(), read()]).catch(() => failures++)
    expect(proxy.cutCount).toBeGreaterThan(0)
    proxy.stopCutting()
    await expect.poll(() => read().catch(() => '')).toBe('Grüße 👋'.repeat(1_000))
  })
})
