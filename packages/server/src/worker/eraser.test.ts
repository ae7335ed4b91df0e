import type { Entry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { expect, test } from 'vitest'
import type { Chat, Sender } from '../chat/chat.ts'
import { openRoom, type Room } from '../chat/testing/room.ts'
import { Eraser, type EraserDeps } from './eraser.ts'

const refusedAs = (code: string) => expect.objectContaining({ code })

function eraserOf(room: Room, parts: Partial<EraserDeps> = {}) {
  const errors: unknown[] = []
  const eraser = new Eraser({ ...room.backend, chat: room.chat, onError: (error) => errors.push(error), ...parts })
  return { eraser, errors }
}

async function erase(room: Room, who: Sender): Promise<void> {
  await room.backend.erasures.request(who.userId, room.clock.now())
  const { eraser, errors } = eraserOf(room)
  await room.done(eraser.round())
  expect(errors).toEqual([])
  expect(await room.backend.erasures.pending()).toEqual([])
}

/** Talk of every kind, with `zoe` in a direct conversation, a group she owns, and one that she was removed from. */
async function lively(seed = 1) {
  const room = await openRoom({ seed })
  const [zoe, bo, chidi] = [await room.person('zoe'), await room.person('bo'), await room.person('chidi')]
  const direct = await room.direct(zoe, bo)
  await room.say(zoe, direct, 'SECRET the key is under the third post')
  await room.say(bo, direct, { text: 'which third post? 👀', replyTo: 2 })
  await room.amend(zoe, direct, { type: 'edit', target: 2, text: 'SECRET under the *fourth* post' })
  await room.amend(bo, direct, { type: 'reaction', target: 2, emoji: '🔑', on: true })

  const owned = await room.group(zoe, [bo, chidi], 'joined', 'Wad & Watt 🦀')
  for (let n = 0; n < 3; n++) await room.say(zoe, owned, { text: `SECRET tide ${n}`, mentions: [bo.userId] })
  await room.say(chidi, owned, 'I am with Zoë on this')
  await room.amend(zoe, owned, { type: 'delete', target: 2 })

  const former = await room.group(bo, [zoe])
  await room.say(zoe, former, 'SECRET before I was removed')
  await room.change(bo, former, { change: 'remove', userId: zoe.userId })
  await room.say(bo, former, 'gone?')
  await room.rest()
  return { room, zoe, bo, chidi, direct, owned, former, all: [direct, owned, former] }
}

const textOf = (entries: readonly Entry[]) => JSON.stringify(entries)

test('[L2] every text, edit and preview of an erased user is blank, and every log is as whole as before', async () => {
  const { room, zoe, bo, all, direct, former } = await lively()
  const before = new Map(all.map((id) => [id, structuredClone(room.log(id))]))
  await erase(room, zoe)

  for (const id of all) {
    const log = room.log(id)
    expect(textOf(log)).not.toMatch(/SECRET/)
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, i) => i + 1))
    for (const [i, { seq, messageId, senderId, kind, at }] of (before.get(id) ?? []).entries())
      expect(log[i]).toMatchObject({ seq, messageId, senderId, kind, at })
    const others = (entries: readonly Entry[]) => entries.filter(({ senderId }) => senderId !== zoe.userId)
    expect(others(log)).toEqual(others(before.get(id) ?? []))
  }
  const { entries, users } = await room.chat.page(bo, direct, {})
  expect(entries[1]).toMatchObject({ senderId: zoe.userId, text: '', deleted: { by: zoe.userId } })
  expect(entries[2]).toMatchObject({ text: 'which third post? 👀', replyTo: 2 })
  expect(users.find(({ userId }) => userId === zoe.userId)).toMatchObject({ displayName: 'Deleted user' })
  const list = await room.chat.list(bo, {})
  expect(JSON.stringify(list)).not.toMatch(/SECRET|"zoe"/)
  expect((await room.chat.page(bo, former, {})).entries[1]).toMatchObject({ deleted: { by: zoe.userId } })
  expect(await room.backend.erasures.get(zoe.userId)).toMatchObject({ messages: 5, doneAt: expect.any(Number) })
})

test('[L6] devices hear of it by entries: the leaving, a deletion for each message, and the pseudonym', async () => {
  const { room, zoe, bo, chidi, owned } = await lively()
  room.pushed.announced.length = 0
  await erase(room, zoe)
  await room.rest()
  const told = room.pushed.announced.filter(({ entry }) => entry.conversationId === owned)
  expect(told.map(({ entry: { kind } }) => kind)).toEqual(['role', 'removed', 'delete', 'delete'])
  for (const { recipients } of told.slice(2)) expect([...recipients].sort()).toEqual([bo.userId, chidi.userId].sort())
  const profiles = room.pushed.toUsers.flatMap(({ userId, frame }) =>
    frame.type === 'conversations' && userId === chidi.userId ? frame.users : [],
  )
  expect(profiles).toContainEqual({ userId: zoe.userId, name: expect.stringMatching(/^deleted-/), displayName: 'Deleted user' })
})

test('a group whose last owner is erased goes to its longest admin, else to its longest member', async () => {
  const room = await openRoom()
  const [zoe, bo, chidi, dara] = [await room.person('zoe'), await room.person('bo'), await room.person('chidi'), await room.person('dara')]
  const group = await room.group(zoe, [bo, chidi])
  await room.change(zoe, group, { change: 'add', members: [dara.userId] })
  await room.change(zoe, group, { change: 'role', userId: dara.userId, role: 'admin' })
  const alone = await room.group(zoe, [])
  await erase(room, zoe)
  const roles = async (who: Sender) => (await room.chat.members(who, group)).members.map(({ userId, role }) => `${userId} ${role}`)
  expect(await roles(bo)).toEqual([`${bo.userId} member`, `${chidi.userId} member`, `${dara.userId} owner`])
  await erase(room, dara)
  expect((await roles(bo)).filter((role) => role.endsWith('owner'))).toHaveLength(1)
  expect((await room.backend.conversations.load(alone))?.intervals).toMatchObject([{ to: 2 }])
})

test('[L6] what was on its way when the account was closed is refused, or taken back too', async () => {
  const { room, zoe, bo, direct, owned } = await lively()
  await room.backend.erasures.request(zoe.userId, room.clock.now())
  const { eraser } = eraserOf(room)
  const sends = [direct, owned].map((to, n) =>
    room.chat.send(zoe, { type: 'message', to, clientMsgId: `late-${n}`, text: 'SECRET and one more thing' }).catch((error) => error),
  )
  await room.done(eraser.round())
  await room.done(Promise.all(sends))
  for (const id of [direct, owned]) {
    expect(textOf(room.log(id))).not.toMatch(/SECRET/)
    await expect(room.say(zoe, id, 'still here')).rejects.toEqual(refusedAs('FORBIDDEN'))
  }
  await expect(room.say(bo, direct, 'are you there?')).rejects.toEqual(refusedAs('FORBIDDEN'))
  await expect(
    room.done(room.chat.createGroup(bo, { clientMsgId: 'g', name: 'New', members: [zoe.userId], history: 'all' })),
  ).rejects.toEqual(refusedAs('FORBIDDEN'))
  const { conversation } = await room.chat.conversation(bo, direct)
  expect(conversation).toMatchObject({ peerId: zoe.userId, memberCount: 1 })
})

test('[L8] what an erased user had said is unread to nobody', async () => {
  const { room, zoe, bo, chidi, owned } = await lively()
  const unread = async (who: Sender) => (await room.chat.conversation(who, owned)).conversation.unread
  expect(await unread(chidi)).toBe(2)
  await erase(room, zoe)
  expect(await unread(chidi)).toBe(0)
  expect(await unread(bo)).toBe(1)
})

test('[L3] a crash at any call of any port costs nothing: the next start ends the same', async () => {
  const whole = await lively(7)
  await erase(whole.room, whole.zoe)
  /** All but what time and the secret of the deployment decide. */
  const told = ({ log }: Room, id: ConversationId) => log(id).map(({ at: _at, messageId: _id, clientMsgId: _key, ...entry }) => entry)

  for (let crashAt = 1; ; crashAt++) {
    const { room, zoe, all } = await lively(7)
    await room.backend.erasures.request(zoe.userId, room.clock.now())
    let calls = 0
    const killed = new Error('killed')
    /** From its nth call on a process answers nothing more; whether that call was carried out is up to `crashAt`. */
    const dying = <P extends object>(port: P): P =>
      new Proxy(port, {
        get: (target, name) => {
          const method = Reflect.get(target, name)
          if (typeof method !== 'function') return method
          return async (...args: unknown[]) => {
            if (calls >= crashAt) throw killed
            calls++
            const answer = await method.apply(target, args)
            if (calls >= crashAt) throw killed
            return answer
          }
        },
      })
    const dyingNode = await room.openNode({ log: dying, conversations: dying })
    const { erasures, accounts, devices } = room.backend
    const died = eraserOf(room, {
      chat: dyingNode.chat,
      erasures: dying(erasures),
      accounts: dying(accounts),
      devices: dying(devices),
      conversations: dying(room.backend.conversations),
    })
    await room.done(died.eraser.round())
    const hasEnded = died.errors.length === 0

    const { chat } = await room.openNode()
    const next = eraserOf(room, { chat })
    await room.done(next.eraser.round())
    expect(next.errors).toEqual([])
    expect(await erasures.pending()).toEqual([])
    for (const id of all) expect(told(room, id)).toEqual(told(whole.room, id))
    if (hasEnded) {
      expect(crashAt).toBeGreaterThan(30)
      return
    }
  }
})

test('[T16] nobody can take the ids of an erasure beforehand', async () => {
  const { room, zoe, owned, ...rest } = await lively(3)
  // A twin world tells which ids the erasure will use; only the secret of the deployment is another.
  const twin = await lively(3)
  await erase(twin.room, twin.zoe)
  const ids = twin.room.log(owned).flatMap(({ clientMsgId }) => (clientMsgId.startsWith('erasure-') ? [clientMsgId] : []))
  for (const clientMsgId of ids)
    await room.done(room.chat.send(zoe, { type: 'message', to: owned, clientMsgId, text: 'SECRET squatter' }).catch(() => {}))
  await erase(room, zoe)
  for (const id of rest.all) expect(textOf(room.log(id))).not.toMatch(/SECRET/)
})

test('[T16] nobody can take the name of a pseudonym beforehand, and so keep an account from being erased', async () => {
  const { room, zoe } = await lively(3)
  // A twin world tells which name the erasure would choose.
  const twin = await lively(3)
  await erase(twin.room, twin.zoe)
  const [pseudonym] = await twin.room.backend.accounts.byIds([twin.zoe.userId])
  await room.person(pseudonym?.name ?? '')
  await erase(room, zoe)
  expect(await room.backend.accounts.byIds([zoe.userId])).toMatchObject([{ displayName: 'Deleted user', passwordHash: null }])
})

test('[L9] a long talk is gone through page by page, with a rest for the others in between, and ends when told', async () => {
  const room = await openRoom()
  const [zoe, bo] = [await room.person('zoe'), await room.person('bo')]
  const to = await room.direct(zoe, bo)
  const messages = 2 * limits.erasurePageEntriesMax
  const frames = Array.from({ length: messages }, (_, n) => ({ type: 'message', to, clientMsgId: `m${n}`, text: `SECRET ${n}` }) as const)
  await room.done(Promise.all(frames.map((frame) => room.chat.send(zoe, frame))))
  await room.backend.erasures.request(zoe.userId, room.clock.now())
  const pages: number[] = []
  const chat: Pick<Chat, 'eraseFrom'> = {
    async eraseFrom(...args) {
      const page = await room.chat.eraseFrom(...args)
      pages.push(page.messages)
      if (pages.length === 1) void eraser.stop()
      return page
    },
  }
  const { eraser } = eraserOf(room, { chat })
  const began = room.clock.now()
  await room.done(eraser.round())
  expect(pages).toEqual([limits.erasurePageEntriesMax - 1])
  expect(room.clock.now() - began).toBeGreaterThanOrEqual(limits.erasurePauseMs)
  expect(await room.backend.erasures.pending()).toMatchObject([{ seq: limits.erasurePageEntriesMax, doneAt: null }])
  const next = eraserOf(room)
  await room.done(next.eraser.round())
  expect(await room.backend.erasures.get(zoe.userId)).toMatchObject({ messages, doneAt: expect.any(Number) })
  expect(textOf(room.log(to))).not.toMatch(/SECRET/)
})

test('[T3] sessions end, and an erasure that fails leaves the next one its turn and is tried again', async () => {
  const { room, zoe, bo, all } = await lively()
  const revoked: string[] = []
  room.backend.bus.subscribe((hint) => hint.type === 'device-revoked' && revoked.push(hint.deviceId))
  const device = { name: 'Zoë’s phone', createdAt: 0, lastSeenAt: null, revokedAt: null, refreshHash: 'aa', previousHashes: [] }
  await room.backend.devices.add({ ...device, deviceId: zoe.deviceId, userId: zoe.userId, rotatedAt: 0, expiresAt: 9e15 })
  for (const who of [zoe, bo]) await room.backend.erasures.request(who.userId, room.clock.now())
  let failures = 1
  const chat: Pick<Chat, 'eraseFrom'> = {
    eraseFrom: (...args) => (failures-- > 0 ? Promise.reject(new Error('disk full')) : room.chat.eraseFrom(...args)),
  }
  const { eraser, errors } = eraserOf(room, { chat })
  eraser.start()
  for (let ms = 0; ms < 2 * limits.erasureIntervalMs; ms += 500) await room.rest(500)
  await room.done(eraser.stop())
  expect(errors).toHaveLength(1)
  expect(revoked).toEqual([zoe.deviceId])
  expect(await room.backend.erasures.pending()).toEqual([])
  for (const id of all) expect(textOf(room.log(id))).not.toMatch(/SECRET/)
})
