/** What people did in a made-up run of any size: the same for its dump and for its history, and for every call. */
import { createHash } from 'node:crypto'
import type { LogEntry } from '../dump.ts'
import type { Content } from '../shown.ts'

export interface Size {
  /** What people begin: commands, changes of groups, readings. */
  readonly operations: number
  readonly users: number
  /** Every other one a group of up to a dozen; the others are direct. */
  readonly conversations: number
}

/** An entry was appended; `subject` is whom or what a change of a group is about. */
export interface Said {
  readonly t: number
  readonly entry: LogEntry
  readonly subject: string | undefined
  /** The sender's own cursor has moved to it. */
  readonly isRead: boolean
}

/** Somebody has read the conversation to its head. */
export interface Read {
  readonly t: number
  readonly conv: string
  readonly user: string
  readonly seq: number
}

export const talkBeginsAt = 1_000_000
/** Microseconds between two operations. */
const stepUs = 500
const membersOfGroup = 12
const emojis = ['🙏', '😮', '👍', '❤️']
const texts = [
  'ok',
  'Wer holt die Schlüssel? 🔑',
  'صباح الخير جميعاً، القطار متأخر',
  '電車が十分ほど遅れています',
  'On my way, ten minutes. Start without me if the doctor is on time for once.',
  'Wait, which of the two versions is the one we signed? I have "final" and "final_2 (1)".',
  '```ts\nconst x = rows.at(-1) // of the last page\nif (x === undefined) return null\n```',
  'Die Probe am Donnerstag fängt um 19 Uhr an; bitte bringt die Noten vom letzten Mal mit, auch die der zweiten Stimme.',
]

export const userOf = (i: number) => `u_${nameOf('user', i)}`
export const conversationOf = (i: number) => `c_00${nameOf('conversation', i)}`
/** Two of three users have two devices. */
export const devicesOf = (user: string) =>
  user.charCodeAt(3) % 3 === 0 ? [`d_${user.slice(2)}`] : [`d_${user.slice(2)}`, `d-${user.slice(2)}`]
/** Where a run of this size ends. */
export const endOf = ({ operations }: Size) => talkBeginsAt + operations * stepUs

const nameOf = (what: string, i: number) => createHash('sha256').update(`${what} ${i}`).digest('base64url').slice(0, 22)

/** A conversation as the talk goes on. */
class Room {
  readonly conv: string
  readonly isGroup: boolean
  /** The owner first. */
  readonly members: string[]
  readonly #joins: readonly string[]
  /** Messages that may be amended. */
  #recent: number[] = []
  head = 0
  #count = 0
  #membershipSeq = 0

  constructor(i: number, users: readonly string[]) {
    const someone = (n: number) => users[(i * 7 + n) % users.length] as string
    this.conv = conversationOf(i)
    this.isGroup = i % 2 === 0
    const size = Math.min(this.isGroup ? membersOfGroup : 2, users.length)
    this.members = Array.from({ length: size }, (_, n) => someone(n))
    this.#joins = users.length > size ? Array.from({ length: Math.min(20, users.length - size) }, (_, n) => someone(size + n)) : []
  }

  append(n: number, senderId: string, kind: string, content: Content): LogEntry {
    const seq = ++this.head
    const isMessage = kind === 'message'
    if (isMessage) {
      this.#count++
      this.#recent = [...this.#recent.slice(-7), seq]
    }
    if (!isMessage && content.target === undefined) this.#membershipSeq = seq
    const target = content.target ?? null
    if (kind === 'delete') this.#recent = this.#recent.filter((one) => one !== target)
    const placed = { conv: this.conv, seq, messageId: `${384_771_003_890_270_208n + BigInt(n) * 4_096n}`, at: 1_790_000_000_000 + n }
    return { ...placed, senderId, cmid: cmidOf(n), count: this.#count, membershipSeq: this.#membershipSeq, kind, target, content }
  }

  create(n: number): LogEntry {
    const members = this.members.map((userId, i) => ({ userId, role: i === 0 ? 'owner' : 'member' }))
    const [conversation, name] = this.isGroup ? ['group', `Chor ${n}`] : ['direct', null]
    return this.append(n, this.members[0] as string, 'created', { conversation, name, history: 'joined', members })
  }

  /** A new name, mostly; now and then somebody comes or goes. */
  change(n: number, random: () => number): { readonly entry: LogEntry; readonly subject: string } {
    const owner = this.members[0] as string
    const guest = this.#joins[Math.floor(random() * this.#joins.length)]
    if (random() < 0.2 && guest !== undefined && !this.members.includes(guest)) {
      const entry = this.append(n, owner, 'added', { members: [{ userId: guest, role: 'member' }] })
      this.members.push(guest)
      return { entry, subject: guest }
    }
    if (random() < 0.2 && this.members.length > 6) {
      const [gone = ''] = this.members.splice(1 + Math.floor(random() * (this.members.length - 1)), 1)
      return { entry: this.append(n, owner, 'removed', { userId: gone }), subject: gone }
    }
    const name = `Chor, Probe ${n}`
    return { entry: this.append(n, owner, 'renamed', { name }), subject: name }
  }

  say(n: number, sender: string, random: () => number): LogEntry {
    const chance = random()
    const target = this.#recent[Math.floor(random() * this.#recent.length)]
    const text = texts[Math.floor(random() * texts.length)] as string
    if (target !== undefined && chance < 0.02) return this.append(n, sender, 'delete', { target })
    if (target !== undefined && chance < 0.08) return this.append(n, sender, 'edit', { target, text: `${text} (sorry, typo)` })
    if (target !== undefined && chance < 0.22)
      return this.append(n, sender, 'reaction', { target, emoji: emojis[n % emojis.length] as string, on: random() < 0.9 })
    const mentions = random() < 0.03 ? { mentions: [this.members[n % this.members.length] as string] } : {}
    const replyTo = target !== undefined && random() < 0.05 ? { replyTo: target } : {}
    return this.append(n, sender, 'message', { text: `${text} ${n}`, ...mentions, ...replyTo })
  }
}

/** One operation in five is a reading, one in a hundred a change of a group; a few conversations have most of the talk. */
export function* talkOf({ operations, users, conversations }: Size): Generator<Said | Read> {
  const random = randomFrom(7)
  const people = Array.from({ length: users }, (_, i) => userOf(i))
  const rooms = Array.from({ length: conversations }, (_, i) => new Room(i, people))
  for (const [n, room] of rooms.entries()) yield { t: n, entry: room.create(n), subject: undefined, isRead: false }
  for (let i = 0; i < operations; i++) {
    const n = conversations + i
    const t = talkBeginsAt + i * stepUs
    const room = rooms[Math.floor(random() ** 3 * conversations)] as Room
    const user = room.members[Math.floor(random() * room.members.length)] as string
    const chance = random()
    if (chance < 0.2) yield { t, conv: room.conv, user, seq: room.head }
    else if (chance < 0.21 && room.isGroup) yield { t, ...room.change(n, random), isRead: false }
    else yield { t, entry: room.say(n, user, random), subject: undefined, isRead: random() < 0.25 }
  }
}

/** Shaped like a UUID of version 7. */
function cmidOf(n: number): string {
  const time = (1_790_000_000_000 + n).toString(16).padStart(12, '0')
  const rest = [n * 2_654_435_761, n * 40_503 + 7].map((part) => (part % 0x1_0000_0000).toString(16).padStart(8, '0')).join('')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${rest.slice(0, 3)}-a${rest.slice(3, 6)}-${rest.slice(6, 16)}${rest.slice(0, 2)}`
}

/** mulberry32: from 0 up to 1. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
