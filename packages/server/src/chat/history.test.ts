import type { FoldedEntry } from '@godwit/protocol/entry.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PageQuery, Sender } from './chat.ts'
import { openRoom, type Room } from './testing/room.ts'

const seqs = (entries: readonly FoldedEntry[]) => entries.map(({ seq }) => seq)
const text = (entry: FoldedEntry | undefined) => (entry?.kind === 'message' ? entry.text : undefined)

async function pageOf(room: Room, who: Sender, to: ConversationId, query: PageQuery = {}) {
  return room.done(room.chat.page(who, to, query))
}

/** Everything a user can get, by paging in one direction. */
async function walk(room: Room, who: Sender, to: ConversationId, up: boolean, limit: number): Promise<FoldedEntry[]> {
  const all: FoldedEntry[] = []
  let query: PageQuery = up ? { after: 0, limit } : { limit }
  for (;;) {
    const { entries, more } = await pageOf(room, who, to, query)
    if (up) all.push(...entries)
    else all.unshift(...entries)
    if (!(up ? more.after : more.before)) return all
    expect(entries.length).toBeGreaterThan(0)
    query = up ? { after: entries.at(-1)?.seq, limit } : { before: entries[0]?.seq, limit }
  }
}

/** A group in which Bo was from 1 to 6 and is again from 10; Chidi from 8; the history is for those who joined. */
async function comingAndGoing() {
  const room = await openRoom()
  const [ana, bo, chidi, dina] = [await room.person('ana'), await room.person('bo'), await room.person('chidi'), await room.person('dina')]
  const to = await room.group(ana, [bo]) // 1
  await room.say(ana, to, 'Wer bringt das Fernglas mit? 🔭') // 2
  await room.say(bo, to, 'Ich!') // 3
  await room.say(ana, to, 'Der Schlüssel liegt unter der Matte') // 4
  await room.amend(bo, to, { type: 'reaction', target: 4, emoji: '🔑', on: true }) // 5
  await room.change(ana, to, { change: 'remove', userId: bo.userId }) // 6
  await room.amend(ana, to, { type: 'edit', target: 2, text: 'Bo ist raus, wer bringt es nun?' }) // 7
  await room.change(ana, to, { change: 'add', members: [chidi.userId] }) // 8
  await room.say(chidi, to, 'Salut tout le monde') // 9
  return { room, ana, bo, chidi, dina, to }
}

test('[L6] a deletion that is appended while a page is read is told by its own entry, with the name of who made it', async () => {
  let meanwhile = async () => {}
  const room = await openRoom({
    log: (inner) => ({
      ...inner,
      async read(id, range) {
        const grow = meanwhile
        meanwhile = async () => {}
        await grow()
        return inner.read(id, range)
      },
    }),
  })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.group(ana, [bo]) // 1
  await room.say(bo, to, 'Der Steg ist gesperrt 🚧') // 2
  meanwhile = async () => {
    await room.amend(ana, to, { type: 'delete', target: 2 }) // 3
  }
  const page = await pageOf(room, bo, to)
  expect(page).toMatchObject({ head: 2, entries: [{ seq: 1 }, { seq: 2 }] })
  expect(page.entries[1]?.deleted).toBeUndefined()
  expect((await pageOf(room, bo, to)).entries[1]).toMatchObject({ deleted: { seq: 3, by: ana.userId } })
})

test('[L6] who deleted a message is told as far as one may see it: a second deletion beyond ones membership changes nothing', async () => {
  const { room, ana, bo, chidi, to } = await comingAndGoing()
  await room.change(ana, to, { change: 'add', members: [bo.userId] }) // 10
  await room.say(chidi, to, '我先走了，钥匙还在垫子下面') // 11
  await room.amend(ana, to, { type: 'delete', target: 11 }) // 12
  await room.change(ana, to, { change: 'remove', userId: bo.userId }) // 13
  await room.amend(chidi, to, { type: 'delete', target: 11 }) // 14
  for (const who of [ana, bo]) {
    const { entries } = await pageOf(room, who, to, { around: 11, limit: 1 })
    expect(entries).toMatchObject([{ seq: 11, deleted: { seq: 12, by: ana.userId } }])
  }
})

test('[L6] pages are what a member may see, the same in both directions and at any size', async () => {
  const { room, ana, bo, chidi, to } = await comingAndGoing()
  await room.change(ana, to, { change: 'add', members: [bo.userId] }) // 10
  await room.say(ana, to, 'Willkommen zurück, Bo') // 11
  const expected = new Map([
    [ana, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    [bo, [1, 2, 3, 4, 5, 6, 10, 11]],
    [chidi, [8, 9, 10, 11]],
  ])
  for (const [who, mine] of expected)
    for (const limit of [1, 2, 3, 5, 50]) {
      expect(seqs(await walk(room, who, to, true, limit))).toEqual(mine)
      expect(seqs(await walk(room, who, to, false, limit))).toEqual(mine)
    }
  const newest = await pageOf(room, bo, to, { limit: 2 })
  expect(newest).toMatchObject({ head: 11, first: 1, more: { before: true, after: false } })
})

test('[L6] a page around an entry stays in one stretch of membership', async () => {
  const { room, ana, bo, to } = await comingAndGoing()
  await room.change(ana, to, { change: 'add', members: [bo.userId] }) // 10
  await room.say(ana, to, 'Willkommen zurück, Bo') // 11
  expect(seqs((await pageOf(room, ana, to, { around: 5, limit: 4 })).entries)).toEqual([4, 5, 6, 7])
  expect(seqs((await pageOf(room, bo, to, { around: 5, limit: 10 })).entries)).toEqual([1, 2, 3, 4, 5, 6])
  expect(seqs((await pageOf(room, bo, to, { around: 8, limit: 10 })).entries), 'where one was not, what came next').toEqual([10, 11])
  expect(seqs((await pageOf(room, bo, to, { around: 99, limit: 2 })).entries)).toEqual([11])
  expect(await pageOf(room, bo, to, { around: 5, limit: 2 })).toMatchObject({ more: { before: true, after: true } })
})

test('[L6] a former member sees what was until they went, and nothing of what came later', async () => {
  const { room, ana, bo, to } = await comingAndGoing()
  await room.amend(ana, to, { type: 'delete', target: 4 }) // 10
  const { entries, head, users } = await pageOf(room, bo, to)
  expect(head).toBe(6)
  expect(text(entries[1]), 'the edit came later').toBe('Wer bringt das Fernglas mit? 🔭')
  expect(entries[1]).not.toHaveProperty('edited')
  expect(text(entries[3]), 'a deleted text is gone for all').toBe('')
  expect(entries[3], 'but when and by whom is not theirs to know').toMatchObject({
    deleted: { seq: 4, at: entries[3]?.at, by: ana.userId },
  })
  expect(entries[3]).not.toHaveProperty('reactions')
  expect(users.map(({ userId }) => userId).sort()).toEqual(['u_ana', 'u_bo'])
})

test('[L6] an opened history is there for the members of now, for good', async () => {
  const { room, ana, bo, chidi, dina, to } = await comingAndGoing()
  await room.change(ana, to, { change: 'history', history: 'all' }) // 10
  await room.change(ana, to, { change: 'history', history: 'joined' }) // 11
  expect(seqs(await walk(room, chidi, to, true, 4))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(seqs(await walk(room, bo, to, true, 4)), 'who had gone before has what they had').toEqual([1, 2, 3, 4, 5, 6])
  await room.change(ana, to, { change: 'add', members: [dina.userId] }) // 12
  expect(seqs(await walk(room, dina, to, true, 4))).toEqual([12])
})

test('[L11] an outsider gets the same answer as for a conversation that is not there', async () => {
  const { room, dina, to } = await comingAndGoing()
  const answers = await Promise.allSettled([pageOf(room, dina, to), pageOf(room, dina, 'c_00nothing')])
  for (const answer of answers) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN', detail: undefined } })
  await expect(pageOf(room, dina, to, { after: 1, before: 3 })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
})

test('[L2] the text of an edit goes with its message, also while the deletion is not carried out', async () => {
  const room = await openRoom({ log: (inner) => ({ ...inner, blank: async () => {} }) })
  const [ana, bo] = [await room.person('ana'), await room.person('bo')]
  const to = await room.direct(ana, bo)
  await room.say(ana, to, 'PIN 4711') // 2
  const edit = { type: 'edit' as const, to, clientMsgId: 'e', target: 2, text: 'PIN 0815 für @bo', mentions: [bo.userId] }
  await room.done(room.chat.send(ana, edit)) // 3
  await room.amend(ana, to, { type: 'delete', target: 2 }) // 4
  expect(JSON.stringify((await pageOf(room, bo, to)).entries)).not.toMatch(/4711|0815|mentions/)
})

test('[L2] what is folded by the server is what a client folds: any page and what comes after it agree', async () => {
  const emoji = ['🦀', '🐦', '🌊']
  const act = fc.oneof(
    fc.record({ by: fc.nat(1), edit: fc.constantFrom('Ebbe', 'Flut', '潮') }),
    fc.record({ by: fc.nat(1), emoji: fc.nat(2), on: fc.boolean() }),
    fc.record({ by: fc.nat(1), say: fc.constantFrom('moin', 'أهلا') }),
  )
  const { applyAmendment } = await import('@godwit/protocol/fold.ts')
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), fc.nat(26), fc.boolean(), async (acts, cut, deletes) => {
      const room = await openRoom()
      const people = [await room.person('ana'), await room.person('bo')] as const
      const to = await room.direct(...people)
      await room.say(people[0], to, 'Wie steht das Wasser?') // 2
      let early: FoldedEntry | undefined
      for (const [i, one] of acts.entries()) {
        if (i === cut) early = (await pageOf(room, people[1], to)).entries[1]
        const who = people[one.by] as Sender
        if ('edit' in one) await room.amend(people[0], to, { type: 'edit', target: 2, text: one.edit })
        else if ('say' in one) await room.say(who, to, one.say)
        else await room.amend(who, to, { type: 'reaction', target: 2, emoji: emoji[one.emoji] as string, on: one.on })
      }
      const asOf = early ? cut + 2 : 2
      early ??= room.log(to)[1]
      if (deletes) await room.amend(people[0], to, { type: 'delete', target: 2 })
      let live = early as FoldedEntry
      for (const entry of room.log(to).slice(asOf)) if ('target' in entry) live = applyAmendment(live, entry)
      const late = (await pageOf(room, people[1], to)).entries.find(({ seq }) => seq === 2)
      expect(late).toEqual(live)
    }),
    { numRuns: 60 },
  )
}, 30_000)
