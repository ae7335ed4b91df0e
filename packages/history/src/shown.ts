/**
 * What a reader sees at a seq, as 32 bits: devices keep these instead of texts, and the judge computes them from the log. Collisions
 * could only hide a difference, with a chance of one in four billion each.
 */

/** Digests of entries, in the order of their seqs. */
export interface Digests {
  /** Contiguous stretches, rising. */
  readonly spans: readonly (readonly [from: number, to: number])[]
  /** base64 of one little-endian u32 an entry. */
  readonly data: string
}

/** What an entry says besides its header, of any kind: the fields that are looked at. */
export interface Content {
  readonly text?: string
  readonly mentions?: readonly string[]
  readonly replyTo?: number
  readonly target?: number
  readonly emoji?: string
  readonly on?: boolean
  readonly conversation?: string
  readonly name?: string | null
  readonly members?: readonly { readonly userId: string; readonly role: string }[]
  readonly history?: string
  readonly userId?: string
  readonly role?: string
}

type Part = string | number | boolean | null | undefined

const offset = 2_166_136_261
const prime = 16_777_619

/** FNV-1a over UTF-16 units, with an end mark after each part. */
function digest(...parts: readonly Part[]): number {
  let hash = offset
  for (const part of parts) {
    const text = part === null || part === undefined ? '\u0000' : String(part)
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime)
    hash = Math.imul(hash ^ 0x1f, prime)
  }
  return hash >>> 0
}

/** What never changes at a seq. */
export interface Placed {
  readonly seq: number
  readonly messageId: string
  readonly at: number
  readonly senderId: string
  readonly kind: string
}

/** `content` is the entry's; header fields in it are not looked at. */
export function baseDigest(placed: Placed, content: Content): number {
  return digest(placed.seq, placed.messageId, placed.at, placed.senderId, placed.kind, detail(placed.kind, content))
}

/** The part of the content that no amendment changes. The text of an edit goes with a deletion of its target, so it is left out. */
function detail(kind: string, content: Content): string {
  switch (kind) {
    case 'message':
      return ''
    case 'edit':
    case 'delete':
      return String(content.target)
    case 'reaction':
      return `${content.target} ${content.emoji} ${content.on}`
    case 'created':
      return JSON.stringify([content.conversation, content.name, members(content.members), content.history])
    case 'added':
      return JSON.stringify(members(content.members))
    case 'removed':
      return String(content.userId)
    case 'role':
      return `${content.userId} ${content.role}`
    case 'renamed':
      return String(content.name)
    case 'settings':
      return String(content.history)
    default:
      return ''
  }
}

function members(list: Content['members'] = []): readonly unknown[] {
  return list.map(({ userId, role }) => [userId, role])
}

/** The part that an edit replaces. */
export function bodyDigest(text: string, mentions: readonly string[] | undefined): number {
  return digest(text, mentions?.join() ?? '')
}

/** What amendments have made of a message. */
export interface Fold {
  readonly body: number
  readonly replyTo: number | undefined
  readonly editedSeq: number | undefined
  readonly deletedBy: string | undefined
  /** `emoji userId`, in any order. */
  readonly reactions: Iterable<string>
}

export function messageDigest(base: number, fold: Fold): number {
  if (fold.deletedBy !== undefined) return digest(base, 'deleted', fold.deletedBy)
  return digest(base, fold.body, fold.replyTo, fold.editedSeq, [...fold.reactions].sort().join())
}

/** Of a command's body, for C10: what the sender asked for, compared with what the log has. */
export function bodyHash(kind: string, content: Content): string {
  return bodyNumber(kind, content).toString(16)
}

/** The number that a `bodyHash` writes. */
export function bodyNumber(kind: string, { text, mentions, replyTo, emoji, on }: Content): number {
  return digest(kind, text, replyTo, emoji, on, mentions?.join() ?? '')
}

export function packDigests(spans: Digests['spans'], digests: Uint32Array): Digests {
  return { spans, data: Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength).toString('base64') }
}

/** Digests by seq. */
export class Held {
  readonly #spans: Digests['spans']
  readonly #bytes: DataView

  constructor({ spans, data }: Digests) {
    const bytes = Buffer.from(data, 'base64')
    this.#spans = spans
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** undefined where nothing is held. */
  at(seq: number): number | undefined {
    let before = 0
    for (const span of this.#spans) {
      const from = span[0]
      const to = span[1]
      if (seq < from) return undefined
      if (seq <= to) return this.#bytes.getUint32((before + seq - from) * 4, true)
      before += to - from + 1
    }
    return undefined
  }

  /** The first seq held that is such. */
  find(isSuch: (seq: number) => boolean): number | undefined {
    for (const [from, to] of this.#spans) for (let seq = from; seq <= to; seq++) if (isSuch(seq)) return seq
    return undefined
  }
}
