import { manualClock } from '@godwit/backend-memory/clock.ts'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import { DeviceSweep } from './device-sweep.ts'
import { runGateway } from './testing/running-gateway.ts'

test('[T3] a device whose revocation nobody told is closed within the promised delay, on every session, and no other device is', async () => {
  const { person, client, devices, clock, pass } = await runGateway()
  const ana = await person('ana')
  const phone = { ...ana, deviceId: 'd_phone' } as const
  const [one, two, other] = [await client(ana), await client(ana, { resume: false }), await client(phone)]
  await pass(limits.deviceSweepMs * 2)
  expect([one, two, other].map(({ socket }) => socket.closedWith)).toEqual([null, null, null])
  await devices.revoke(ana.deviceId, clock.now())
  await pass(limits.revocationDelayMsMax)
  expect([one, two, other].map(({ socket }) => socket.closedWith?.code)).toEqual([
    closeCodes.DEVICE_REVOKED.code,
    closeCodes.DEVICE_REVOKED.code,
    undefined,
  ])
})

test('[T3] the devices of a user who was erased are closed too', async () => {
  const { person, client, devices, pass } = await runGateway()
  const [ana, ben] = [await person('ana'), await person('ben')]
  const [anas, bens] = [await client(ana), await client(ben)]
  await devices.erase(ana.userId)
  await pass(limits.revocationDelayMsMax)
  expect([anas.socket.closedWith?.code, bens.socket.closedWith]).toEqual([closeCodes.DEVICE_REVOKED.code, null])
})

function scene(deviceCount: number) {
  const clock = manualClock()
  const live = Array.from({ length: deviceCount }, (_, n): DeviceId => `d_${n}`)
  const asked: (readonly DeviceId[])[] = []
  const closed: DeviceId[] = []
  const errors: unknown[] = []
  let answer: (deviceIds: readonly DeviceId[]) => Promise<readonly DeviceId[]> = async () => []
  const devices = {
    signedOut(deviceIds: readonly DeviceId[]) {
      asked.push(deviceIds)
      return answer(deviceIds)
    },
  }
  const sweep = new DeviceSweep({
    clock,
    devices,
    live: () => live,
    onSignedOut: (deviceId) => closed.push(deviceId),
    onError: (error) => errors.push(error),
  })
  return {
    asked,
    closed,
    errors,
    sweep,
    answerWith(other: typeof answer) {
      answer = other
    },
    async pass(ms: number) {
      clock.advance(ms)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

test('[L9] ten thousand devices are ten questions, one after another; nobody there is none', async () => {
  const { asked, answerWith, pass } = scene(10_000)
  let underWay = 0
  answerWith(async () => {
    expect(++underWay).toBe(1)
    await null
    underWay--
    return []
  })
  await pass(limits.deviceSweepMs)
  expect(asked.map(({ length }) => length)).toEqual(Array(10).fill(limits.deviceSweepBatchMax))
  expect(new Set(asked.flat()).size).toBe(10_000)
  const alone = scene(0)
  await alone.pass(limits.deviceSweepMs)
  expect(alone.asked).toEqual([])
})

test('[T3] an answer that never comes, and one that is an error, do not keep the next from being asked', async () => {
  const { answerWith, pass, closed, errors, sweep, asked } = scene(2)
  answerWith(() => new Promise(() => {}))
  await pass(limits.deviceSweepMs)
  answerWith(() => Promise.reject(new Error('connection refused')))
  await pass(limits.deviceSweepMs)
  answerWith(async () => ['d_1'])
  await pass(limits.deviceSweepMs)
  expect(closed).toEqual(['d_1'])
  await pass(limits.appendTimeoutMs)
  expect(errors).toEqual([new Error('connection refused'), expect.objectContaining({ code: 'UNKNOWN_OUTCOME' })])
  const before = asked.length
  sweep.stop()
  await pass(limits.deviceSweepMs * 3)
  expect(asked.length).toBe(before)
})
