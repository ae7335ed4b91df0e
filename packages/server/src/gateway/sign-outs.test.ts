import { manualClock } from '@godwit/backend-memory/clock.ts'
import { closeCodes } from '@godwit/protocol/close-codes.ts'
import type { DeviceId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { SignOutPage } from '../ports/accounts.ts'
import { SignOuts } from './sign-outs.ts'
import { runGateway } from './testing/running-gateway.ts'

test('[T3] a device whose revocation nobody told is closed within the promised delay, on every session, and no other device is', async () => {
  const { person, client, devices, clock, pass } = await runGateway()
  const ana = await person('ana')
  const phone = { ...ana, deviceId: 'd_phone' } as const
  const [one, two, other] = [await client(ana), await client(ana, { resume: false }), await client(phone)]
  await pass(limits.signOutsIntervalMs * 2)
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

test('[T3] whoever is let in, by an answer from before, after the store has told of the sign-out, is turned away', async () => {
  const gate = Promise.withResolvers<void>()
  const { person, client, devices, clock, pass, settle } = await runGateway(undefined, (authenticate) => async (token) => {
    const authenticated = await authenticate(token)
    await gate.promise
    return authenticated
  })
  const ana = await person('ana')
  const anas = await client(ana)
  await devices.revoke(ana.deviceId, clock.now())
  await pass(limits.signOutsIntervalMs * 2)
  expect(anas.socket.closedWith).toBeNull()
  gate.resolve()
  await settle()
  expect(anas.socket.closedWith).toEqual(closeCodes.DEVICE_REVOKED)
})

/** A store that answers what a test says. */
function scene() {
  const clock = manualClock()
  const asked: number[] = []
  const closed: DeviceId[] = []
  const errors: unknown[] = []
  let answer: (position: number) => Promise<SignOutPage> = async (position) => ({ deviceIds: [], position })
  const signOuts = new SignOuts({
    clock,
    devices: {
      signOutsAfter(position) {
        asked.push(position)
        return answer(position)
      },
    },
    position: 7,
    onSignedOut(deviceId) {
      if (deviceId === 'd_bad') throw new Error('a session that cannot be closed')
      closed.push(deviceId)
    },
    onError: (error) => errors.push(error),
  })
  return {
    asked,
    closed,
    errors,
    signOuts,
    answerWith(other: typeof answer) {
      answer = other
    },
    async pass(ms: number) {
      clock.advance(ms)
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

test('[L9] it is one short question, from where the last answer ended, and another only behind a page that named somebody', async () => {
  const { asked, answerWith, pass, closed } = scene()
  await pass(limits.signOutsIntervalMs)
  expect(asked).toEqual([7])
  const pages: readonly (readonly DeviceId[])[] = [['d_1', 'd_2'], ['d_3']]
  answerWith(async (position) => {
    const deviceIds = pages[position - 7] ?? []
    return { deviceIds, position: deviceIds.length > 0 ? position + 1 : position }
  })
  await pass(limits.signOutsIntervalMs)
  expect(asked).toEqual([7, 7, 8, 9])
  expect(closed).toEqual(['d_1', 'd_2', 'd_3'])
  await pass(limits.signOutsIntervalMs)
  expect(asked).toEqual([7, 7, 8, 9, 9])
})

test('[T3] an answer that never comes, and one that is an error, do not keep the next from being asked', async () => {
  const { answerWith, pass, closed, errors, signOuts, asked } = scene()
  answerWith(() => new Promise(() => {}))
  await pass(limits.signOutsIntervalMs)
  answerWith(() => Promise.reject(new Error('connection refused')))
  await pass(limits.signOutsIntervalMs)
  answerWith(async (position) => (position < 8 ? { deviceIds: ['d_1'], position: 8 } : { deviceIds: [], position }))
  await pass(limits.signOutsIntervalMs)
  expect(closed).toEqual(['d_1'])
  await pass(limits.appendTimeoutMs)
  expect(errors).toEqual([new Error('connection refused'), expect.objectContaining({ code: 'UNKNOWN_OUTCOME' })])
  const before = asked.length
  signOuts.stop()
  await pass(limits.signOutsIntervalMs * 3)
  expect(asked.length).toBe(before)
})

test('[T3] an answer that comes late does not move the position back', async () => {
  const { answerWith, pass, asked } = scene()
  const late = Promise.withResolvers<SignOutPage>()
  answerWith(() => late.promise)
  await pass(limits.signOutsIntervalMs)
  answerWith(async () => ({ deviceIds: [], position: 12 }))
  await pass(limits.signOutsIntervalMs)
  late.resolve({ deviceIds: [], position: 9 })
  await pass(limits.signOutsIntervalMs)
  expect(asked).toEqual([7, 7, 12, 12])
})

test('[T3] a sign-out is known for as long as a greeting may rest on what was known before it, and is then forgotten', async () => {
  const { signOuts, pass } = scene()
  await pass(limits.signOutsKeptMs - 1)
  signOuts.heard('d_1')
  await pass(limits.signOutsKeptMs)
  expect(signOuts.isRecent('d_1')).toBe(true)
  expect(signOuts.isRecent('d_2')).toBe(false)
  await pass(limits.signOutsKeptMs)
  expect(signOuts.isRecent('d_1')).toBe(false)
})

test('[T3] a device whose session cannot be closed keeps none of the others signed in', async () => {
  const { answerWith, pass, closed, errors, signOuts } = scene()
  answerWith(async (position) => (position < 8 ? { deviceIds: ['d_1', 'd_bad', 'd_2'], position: 8 } : { deviceIds: [], position }))
  await pass(limits.signOutsIntervalMs)
  expect(closed).toEqual(['d_1', 'd_2'])
  expect(errors).toEqual([new Error('a session that cannot be closed')])
  expect(signOuts.isRecent('d_bad')).toBe(true)
})

test('[L9] a page that comes after the end is followed by no question', async () => {
  const { answerWith, pass, asked, signOuts } = scene()
  const gate = Promise.withResolvers<SignOutPage>()
  answerWith(() => gate.promise)
  await pass(limits.signOutsIntervalMs)
  signOuts.stop()
  gate.resolve({ deviceIds: ['d_1'], position: 8 })
  await pass(limits.signOutsIntervalMs)
  expect(asked).toEqual([7])
})
