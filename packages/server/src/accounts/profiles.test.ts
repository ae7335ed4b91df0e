import { limits } from '@godwit/protocol/limits.ts'
import { describe, expect, test } from 'vitest'
import { openAccounts } from './testing/open-accounts.ts'

const refusedAs = (code: string) => expect.objectContaining({ code })

async function scene() {
  const opened = await openAccounts()
  const [ada, grace] = [await opened.register('ada'), await opened.register('grace')]
  return { ...opened, ada, grace }
}

describe('profile', () => {
  test('name to show and privacy change one by one, and others are told', async () => {
    const { profiles, ada, bus } = await scene()
    const told: string[] = []
    bus.subscribe((hint) => hint.type === 'profile-changed' && told.push(hint.userId))
    expect(await profiles.me(ada)).toMatchObject({ displayName: 'ada', privacy: { readReceipts: true, lastSeen: true } })
    await profiles.change(ada, { displayName: 'آدا 🦋' })
    expect(await profiles.change(ada, { privacy: { readReceipts: false } })).toMatchObject({
      displayName: 'آدا 🦋',
      privacy: { readReceipts: false, lastSeen: true },
    })
    expect(told).toEqual([ada.userId, ada.userId])
  })

  test('[T8] what others see is id, name and name to show, and nothing else of the record', async () => {
    const { profiles, ada, grace } = await scene()
    const [seen] = await profiles.byIds([grace.userId])
    expect(seen).toEqual({ userId: grace.userId, name: 'grace', displayName: 'grace' })
    expect(await profiles.byName(ada, 'GRACE', '192.0.2.7')).toEqual([seen])
  })
})

describe('[T21] finding people', () => {
  test('by the whole name only', async () => {
    const { profiles, ada } = await scene()
    for (const name of ['gra', 'grace*', '%', '_____', 'grace,ada']) expect(await profiles.byName(ada, name, '192.0.2.7')).toEqual([])
  })

  test('a user who tries names runs out of budget, hit or miss alike, from any address; others do not', async () => {
    const { profiles, ada, grace } = await scene()
    for (let n = 0; n < limits.lookupsPerUserPerHourMax; n++) await profiles.byName(ada, `name${n}`, `198.51.100.${n % 250}`)
    await expect(profiles.byName(ada, 'grace', '203.0.113.9')).rejects.toEqual(refusedAs('RATE_LIMITED'))
    await expect(profiles.byName(ada, 'nobody', '203.0.113.9')).rejects.toEqual(refusedAs('RATE_LIMITED'))
    await expect(profiles.byName(grace, 'ada', '203.0.113.9')).resolves.toHaveLength(1)
  })

  test('many users of one address run out at lookupsPerAddressPerHourMax; a hundred thousand probes find no more', async () => {
    const { profiles, ada } = await scene()
    const probe = (n: number) => profiles.byName({ ...ada, userId: `u_bot${n % 500}` }, `name${n}`, '198.51.100.7')
    let [answered, limited] = [0, 0]
    for (let n = 0; n < 100_000; n++) {
      const code = await probe(n).then(
        () => null,
        (refusal) => refusal.detail,
      )
      if (code === null) answered++
      if (code === 'lookupsPerAddressPerHourMax') limited++
    }
    expect([answered, limited]).toEqual([limits.lookupsPerAddressPerHourMax, 100_000 - limits.lookupsPerAddressPerHourMax])
    await expect(profiles.byName(ada, 'grace', '198.51.100.7')).rejects.toEqual(refusedAs('RATE_LIMITED'))
    await expect(profiles.byName(ada, 'grace', '203.0.113.9')).resolves.toHaveLength(1)
  })

  test('many users of many addresses run out at lookupsPerHourMax, and all with them, until time has passed', async () => {
    const { profiles, ada, clock } = await scene()
    for (let n = 0; n < limits.lookupsPerHourMax; n++)
      await profiles.byName({ ...ada, userId: `u_bot${n % 400}` }, `name${n}`, `198.51.100.${n % 20}`)
    const over = expect.objectContaining({ code: 'RATE_LIMITED', detail: 'lookupsPerHourMax' })
    await expect(profiles.byName(ada, 'grace', '203.0.113.9')).rejects.toEqual(over)
    clock.advance(1_000)
    await expect(profiles.byName(ada, 'grace', '203.0.113.9')).resolves.toHaveLength(1)
  })
})

describe('blocks', () => {
  test('block, list, unblock; each twice is the same as once', async () => {
    const { profiles, ada, grace } = await scene()
    await profiles.setBlock(ada, grace.userId, true)
    await profiles.setBlock(ada, grace.userId, true)
    expect((await profiles.blocks(ada)).map(({ name }) => name)).toEqual(['grace'])
    expect(await profiles.blocks(grace)).toEqual([])
    await profiles.setBlock(ada, grace.userId, false)
    await profiles.setBlock(ada, grace.userId, false)
    expect(await profiles.blocks(ada)).toEqual([])
  })

  test('nobody blocks themselves, nor somebody who is not there', async () => {
    const { profiles, ada } = await scene()
    await expect(profiles.setBlock(ada, ada.userId, true)).rejects.toEqual(refusedAs('FORBIDDEN'))
    await expect(profiles.setBlock(ada, 'u_nobody', true)).rejects.toEqual(refusedAs('FORBIDDEN'))
  })
})
