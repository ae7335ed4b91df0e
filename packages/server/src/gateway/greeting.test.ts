import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { manualClock } from '@godwit/backend-memory/clock.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { Greeting } from './greeting.ts'

test('[L9] what waits behind a hello is let go when the connection ends, though its token is still being checked', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const checks: Promise<never>[] = []
  const authenticate = () => {
    const check = new Promise<never>(() => {})
    checks.push(check)
    return check
  }
  const heapBytes = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heapBytes()
  for (let n = 0; n < 100; n++) {
    const greeting = new Greeting({ clock: manualClock(), authenticate, onProven() {}, onRefused() {} })
    greeting.receive('{"type":"hello","token":"t"}')
    greeting.receive(Buffer.alloc(limits.greetingCharsMax - 1, 'x').toString('latin1'))
    greeting.stop()
  }
  expect(heapBytes() - before).toBeLessThan(10 * limits.greetingCharsMax)
  expect(checks).toHaveLength(100)
})
