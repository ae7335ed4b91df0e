import { expect, test } from 'vitest'
import { cases } from './cases.ts'
import { measure } from './measure.ts'

test('no hot function has become dearer in kind: each within its multiple of what a bare relay does', async () => {
  for (const one of await cases()) {
    const { name, ratio, atMost } = await measure(one, 20)
    expect(ratio, name).toBeGreaterThan(0)
    expect(ratio, name).toBeLessThanOrEqual(atMost)
  }
})
