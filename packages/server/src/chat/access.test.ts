import type { EntryContent, FoldedEntry, Role } from '@godwit/protocol/entry.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { describe, expect, test } from 'vitest'
import type { Interval } from '../ports/conversations.ts'
import { erasureRefusal, refusal, type Scene } from './access.ts'
import { Roster } from './roster.ts'

type Who = Role | 'former' | 'outsider'
const whos: readonly Who[] = ['owner', 'admin', 'member', 'former', 'outsider']

const interval = (userId: UserId, role: Role, to: number | null = null): Interval => ({ userId, role, from: 1, joined: 1, to })

/** Everybody of `whos` under their own name, one more owner and one more member; head 9. */
function scene(kind: 'group' | 'direct', parts: Partial<Scene> = {}): Scene {
  const group = [
    interval('u_owner', 'owner'),
    interval('u_other-owner', 'owner'),
    interval('u_admin', 'admin'),
    interval('u_other-admin', 'admin'),
    interval('u_member', 'member'),
    interval('u_other', 'member'),
    interval('u_former', 'member', 5),
  ]
  const intervals = kind === 'group' ? group : [interval('u_member', 'member'), interval('u_other', 'member')]
  const state = { conversationId: 'c_00wad', kind, name: null, createdBy: 'u_owner', history: 'joined', applied: 5, changedAt: 0 } as const
  return { roster: new Roster({ ...state, intervals }), head: 9, blocked: false, target: null, ...parts }
}

function message(senderId: UserId, seq = 3, parts: object = {}): FoldedEntry {
  const header = { conversationId: 'c_00wad', seq, messageId: '1', at: 0, senderId, clientMsgId: 'x', count: 1, membershipSeq: 1 } as const
  return { ...header, kind: 'message', text: 'Wo ist die Fähre? ⛴️', ...parts } as FoldedEntry
}

const contents: Record<string, EntryContent> = {
  message: { kind: 'message', text: 'moin' },
  'reply to what one sees': { kind: 'message', text: 'ja!', replyTo: 3 },
  'reply beyond the head': { kind: 'message', text: 'ja!', replyTo: 10 },
  edit: { kind: 'edit', target: 3, text: 'Moin!' },
  delete: { kind: 'delete', target: 3 },
  reaction: { kind: 'reaction', target: 3, emoji: '🦀', on: true },
  'reaction taken back': { kind: 'reaction', target: 3, emoji: '🦀', on: false },
  created: { kind: 'created', conversation: 'group', name: 'x', members: [], history: 'joined' },
  'add a member': { kind: 'added', members: [{ userId: 'u_new', role: 'member' }] },
  'remove a member': { kind: 'removed', userId: 'u_other' },
  'remove an admin': { kind: 'removed', userId: 'u_other-admin' },
  'remove an owner': { kind: 'removed', userId: 'u_other-owner' },
  'remove who is none': { kind: 'removed', userId: 'u_former' },
  'give a role': { kind: 'role', userId: 'u_other', role: 'admin' },
  'give a role to who is none': { kind: 'role', userId: 'u_former', role: 'admin' },
  rename: { kind: 'renamed', name: '潮の会' },
  'open the history': { kind: 'settings', history: 'all' },
}

/** Who may, in a group. Whoever is not named may not: deny by default. */
const inGroup: Record<string, readonly Who[]> = {
  message: ['owner', 'admin', 'member'],
  'reply to what one sees': ['owner', 'admin', 'member'],
  'reply beyond the head': [],
  reaction: ['owner', 'admin', 'member'],
  'reaction taken back': ['owner', 'admin', 'member'],
  edit: [],
  delete: ['owner', 'admin'],
  created: [],
  'add a member': ['owner', 'admin'],
  'remove a member': ['owner', 'admin'],
  'remove an admin': ['owner'],
  'remove an owner': ['owner'],
  'remove who is none': [],
  'give a role': ['owner'],
  'give a role to who is none': [],
  rename: ['owner', 'admin'],
  'open the history': ['owner', 'admin'],
}

describe('[L11] one place decides', () => {
  test.each(Object.keys(contents))('in a group, with a message of somebody else: %s', (name) => {
    const content = contents[name] as EntryContent
    const allowed = whos.filter((who) => !refusal(scene('group', { target: message('u_other') }), `u_${who}`, content))
    expect(allowed).toEqual(inGroup[name])
  })

  test.each([
    ['edit', ['owner', 'admin', 'member']],
    ['delete', ['owner', 'admin', 'member']],
  ] as const)('one may %s what one has said', (name, expected) => {
    const own = whos.filter((who) => !refusal(scene('group', { target: message(`u_${who}`) }), `u_${who}`, contents[name] as EntryContent))
    expect(own).toEqual(expected)
  })

  test.each(Object.keys(contents))('in a direct conversation, blocked or not: %s', (name) => {
    const content = contents[name] as EntryContent
    const target = message('u_member')
    const may = (blocked: boolean) => !refusal(scene('direct', { target, blocked }), 'u_member', content)
    const mayAlways = ['delete']
    const mayUnblocked = ['message', 'reply to what one sees', 'edit', 'reaction', 'reaction taken back']
    expect(may(true)).toBe(mayAlways.includes(name))
    expect(may(false)).toBe([...mayAlways, ...mayUnblocked].includes(name))
    expect(refusal(scene('direct', { target }), 'u_outsider', content)).toMatchObject({ code: 'FORBIDDEN' })
  })

  test('nobody moderates a direct conversation', () => {
    expect(refusal(scene('direct', { target: message('u_other') }), 'u_member', contents.delete as EntryContent)).toMatchObject({
      code: 'FORBIDDEN',
    })
  })

  test('[T8] an outsider cannot tell a conversation from none', () => {
    for (const content of Object.values(contents)) {
      if (content.kind === 'created') continue
      const none = refusal({ roster: null, head: 0, blocked: false, target: null }, 'u_outsider', content)
      const some = refusal(scene('group', { target: message('u_other') }), 'u_outsider', content)
      expect(none).toMatchObject({ code: 'FORBIDDEN', detail: undefined })
      expect(some).toEqual(none)
    }
  })

  test('only a message is amended, and only one that one may see', () => {
    const joined = new Roster({
      ...(scene('group').roster as Roster).state,
      intervals: [{ userId: 'u_new', role: 'owner', from: 6, joined: 6, to: null }, interval('u_former', 'member', 5)],
    })
    for (const name of ['edit', 'delete', 'reaction']) {
      const content = contents[name] as EntryContent
      expect(refusal(scene('group', { roster: joined, target: message('u_new', 3) }), 'u_new', content)).toMatchObject({ detail: 'target' })
      expect(refusal(scene('group', { target: null }), 'u_owner', content)).toMatchObject({ detail: 'target' })
      const renamed = { ...message('u_owner'), kind: 'renamed', name: 'x' } as FoldedEntry
      expect(refusal(scene('group', { target: renamed }), 'u_owner', content)).toMatchObject({ detail: 'target' })
    }
    expect(refusal(scene('group', { roster: joined }), 'u_new', { kind: 'message', text: 'ja', replyTo: 5 })).toMatchObject({
      detail: 'replyTo',
    })
  })

  test('a deletion is final: no edit, no reaction, and deleting again is nothing new', () => {
    const target = message('u_member', 3, { text: '', deleted: { seq: 8, at: 0, by: 'u_member' } })
    expect(refusal(scene('group', { target }), 'u_member', contents.edit as EntryContent)).not.toBeNull()
    expect(refusal(scene('group', { target }), 'u_member', contents.reaction as EntryContent)).not.toBeNull()
    expect(refusal(scene('group', { target }), 'u_member', contents.delete as EntryContent)).toBeNull()
  })
})

describe('[L9] groups and reactions are bounded', () => {
  test('a full group, and adding nobody', () => {
    const full = Array.from({ length: limits.groupMembersMax - 1 }, (_, i) => interval(`u_${i}`, 'member'))
    const roster = new Roster({ ...(scene('group').roster as Roster).state, intervals: [interval('u_owner', 'owner'), ...full] })
    expect(refusal(scene('group', { roster }), 'u_owner', contents['add a member'] as EntryContent)).toMatchObject({ code: 'GROUP_FULL' })
    expect(refusal(scene('group'), 'u_owner', { kind: 'added', members: [] })).toMatchObject({ code: 'BAD_REQUEST' })
  })

  test('reactions of a user, and emoji of a message', () => {
    const emoji = (i: number) => String.fromCodePoint(0x1f980 + i)
    const by = (userId: UserId, count: number) =>
      Array.from({ length: count }, (_, i) => ({ emoji: emoji(i), by: [{ userId, seq: 4 + i }] }))
    const react = (one: string): EntryContent => ({ kind: 'reaction', target: 3, emoji: one, on: true })
    const mine = message('u_other', 3, { reactions: by('u_member', limits.reactionsPerUserAndMessageMax) })
    expect(refusal(scene('group', { target: mine }), 'u_member', react('🎉'))).toMatchObject({
      code: 'LIMIT_REACHED',
      detail: 'reactionsPerUserAndMessageMax',
    })
    expect(refusal(scene('group', { target: mine }), 'u_member', react(emoji(0))), 'the same again').toBeNull()
    const all = message('u_other', 3, { reactions: by('u_owner', limits.emojiPerMessageMax) })
    expect(refusal(scene('group', { target: all }), 'u_member', react('🎉'))).toMatchObject({
      code: 'LIMIT_REACHED',
      detail: 'emojiPerMessageMax',
    })
    expect(refusal(scene('group', { target: all }), 'u_member', react(emoji(1))), 'one of those there').toBeNull()
  })
})

describe('a group has an owner as long as it has members', () => {
  const only = new Roster({
    ...(scene('group').roster as Roster).state,
    intervals: [interval('u_owner', 'owner'), interval('u_member', 'member')],
  })
  const alone = new Roster({ ...only.state, intervals: [interval('u_owner', 'owner')] })

  test('the last one cannot go or step down', () => {
    expect(refusal(scene('group', { roster: only }), 'u_owner', { kind: 'removed', userId: 'u_owner' })).toMatchObject({
      code: 'LAST_OWNER',
    })
    expect(refusal(scene('group', { roster: only }), 'u_owner', { kind: 'role', userId: 'u_owner', role: 'member' })).toMatchObject({
      code: 'LAST_OWNER',
    })
  })

  test('but may when another is there, or nobody is; and anybody may leave', () => {
    expect(refusal(scene('group'), 'u_owner', { kind: 'removed', userId: 'u_owner' })).toBeNull()
    expect(refusal(scene('group', { roster: alone }), 'u_owner', { kind: 'removed', userId: 'u_owner' })).toBeNull()
    expect(refusal(scene('group', { roster: only }), 'u_member', { kind: 'removed', userId: 'u_member' })).toBeNull()
  })
})

describe('the erasure of a user', () => {
  const may = (content: EntryContent, parts: Partial<Scene> = {}, who: UserId = 'u_former', kind: 'group' | 'direct' = 'group') =>
    !erasureRefusal(scene(kind, parts), who, content)

  test('takes back what they wrote, also where they are no member any more or were blocked', () => {
    const content = contents.delete as EntryContent
    expect(may(content, { target: message('u_former') })).toBe(true)
    expect(may(content, { target: message('u_member'), blocked: true }, 'u_member', 'direct')).toBe(true)
    expect(may(content, { target: message('u_other') })).toBe(false)
    expect(may(content, { target: null })).toBe(false)
    expect(may(content, { target: message('u_former'), roster: null })).toBe(true)
  })

  test('leaves any conversation they are in, and leaves no group without an owner', () => {
    const leave = (userId: UserId) => ({ kind: 'removed', userId }) as const
    expect(may(leave('u_member'), {}, 'u_member', 'direct')).toBe(true)
    expect(may(leave('u_owner'), {}, 'u_owner')).toBe(true)
    expect(may(leave('u_former'))).toBe(false)
    expect(may(leave('u_other'), {}, 'u_owner')).toBe(false)
    const { state } = scene('group').roster as Roster
    const lone = new Roster({ ...state, intervals: [interval('u_owner', 'owner'), interval('u_other', 'member')] })
    expect(erasureRefusal(scene('group', { roster: lone }), 'u_owner', leave('u_owner'))).toMatchObject({ code: 'LAST_OWNER' })
  })

  test('may nothing else', () => {
    for (const [name, content] of Object.entries(contents))
      if (content.kind !== 'delete') expect([name, may(content, { target: message('u_owner') }, 'u_owner')]).toEqual([name, false])
  })

  test('who is left in a direct conversation may read it, and take back what is theirs, but say no more', () => {
    const { state } = scene('direct').roster as Roster
    const left = new Roster({ ...state, intervals: [interval('u_member', 'member'), interval('u_other', 'member', 7)] })
    const mine = scene('direct', { roster: left, target: message('u_member') })
    expect(refusal(mine, 'u_member', contents.message as EntryContent)).toMatchObject({
      code: 'FORBIDDEN',
      detail: 'the other one is gone',
    })
    expect(refusal(mine, 'u_member', contents.delete as EntryContent)).toBeNull()
    expect(left.peerOf('u_member')).toBe('u_other')
  })
})
