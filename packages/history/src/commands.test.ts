import { describe, expect, test } from 'vitest'
import { CommandLog } from './commands.ts'
import type { Stored } from './stored.ts'
import { randomFrom } from './testing/talk.ts'

const senders = ['u_amina', 'u_noor']

function storedAt(seq: number, senderId: string, cmid: string): Stored {
  const placed = { conv: 'c_00familie', seq, messageId: `${9_000 + seq}`, line: seq }
  return { ...placed, senderId, cmid, kind: 'message', target: null, hash: 0, isBlank: false, subjects: [] }
}

/** Ids as clients make them: mostly rising; some of a page that draws them, some of a clock that is behind, some twice. */
function someLog(random: () => number, strays: number, twins: number): readonly Stored[] {
  const cmids: string[] = []
  return Array.from({ length: 200 }, (_, i) => {
    const drawn = random() < strays ? Math.floor(random() * 1e6) : 1e6 + i
    const cmid = random() < twins ? (cmids[Math.floor(random() * cmids.length)] ?? '') : `${drawn}`.padStart(8, '0')
    cmids.push(cmid)
    return storedAt(i + 1, senders[Math.floor(random() * senders.length)] as string, cmid)
  })
}

describe('the commands of a conversation', () => {
  test.each([
    { strays: 0, twins: 0 },
    { strays: 0.1, twins: 0 },
    { strays: 0, twins: 0.05 },
    { strays: 1, twins: 0.3 },
  ])('C2: are found by their first entry, in whatever order they are asked for (strays $strays, twins $twins)', ({ strays, twins }) => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomFrom(seed)
      const all = someLog(random, strays, twins)
      const firstOf = ({ senderId, cmid }: Stored) => all.find((one) => one.cmid === cmid && one.senderId === senderId)
      const log = new CommandLog()
      for (const stored of all) {
        expect(log.add(stored)).toBe(firstOf(stored))
        expect(log.isTwin(stored)).toBe(firstOf(stored) !== stored)
      }
      for (let i = 0; i < 400; i++) {
        const stored = all[random() < 0.8 ? i % all.length : Math.floor(random() * all.length)] as Stored
        expect(log.find(stored.senderId, stored.cmid)).toBe(firstOf(stored))
      }
      expect(log.find('u_kenji', '00000001')).toBeUndefined()
      expect(log.find('u_amina', 'never given')).toBeUndefined()
    }
  })
})
