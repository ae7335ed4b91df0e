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

const start = 2_166_136_261 | 0
const prime = 16_777_619
/** In the place of one that is left out. */
const noText = '\u0000'

/** FNV-1a over UTF-16 units, with an end mark. */
function withText(hash: number, text: string): number {
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), prime)
  return Math.imul(hash ^ 0x1f, prime)
}

/** The same over both halves of a whole number from 0; one that is left out is unlike all others. */
function withNumber(hash: number, number = Number.MIN_SAFE_INTEGER): number {
  hash = Math.imul(hash ^ number, prime)
  hash ^= hash >>> 15
  return Math.imul(hash ^ (number / 2 ** 32), prime)
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
  const { seq, messageId, at, senderId, kind } = placed
  const hash = withText(withText(withNumber(withNumber(start, seq), at), messageId), senderId)
  return withText(withText(hash, kind), detail(kind, content)) >>> 0
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
  return withText(withText(start, text), mentions?.join() ?? '') >>> 0
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
  const hash = withNumber(start, base)
  if (fold.deletedBy !== undefined) return withText(withText(hash, 'deleted'), fold.deletedBy) >>> 0
  const said = withNumber(withNumber(withNumber(hash, fold.body), fold.replyTo), fold.editedSeq)
  return withText(said, [...fold.reactions].sort().join()) >>> 0
}

/** Of a command's body, for C10: what the sender asked for, compared with what the log has. */
export function bodyHash(kind: string, content: Content): string {
  return bodyNumber(kind, content).toString(16)
}

/** The number that a `bodyHash` writes. */
export function bodyNumber(kind: string, { text, mentions, replyTo, emoji, on }: Content): number {
  const said = withText(withText(withNumber(start, replyTo), kind), text ?? noText)
  const reacted = withText(withText(said, emoji ?? noText), on === undefined ? noText : String(on))
  return withText(reacted, mentions?.join() ?? '') >>> 0
}

export function packDigests(spans: Digests['spans'], digests: Uint32Array): Digests {
  return { spans, data: Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength).toString('base64') }
}

/** Digests by seq, asked for as the seqs rise. */
export class Held {
  readonly #spans: Digests['spans']
  readonly #data: Buffer
  readonly #bytes: DataView
  /** The span that the last question was about, and how many digests stand before it. */
  #span = 0
  #before = 0

  constructor({ spans, data }: Digests) {
    const bytes = Buffer.from(data, 'base64')
    this.#spans = spans
    this.#data = bytes
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Whether it is these and no others that are held, of one stretch from there. */
  isJust(from: number, digests: Uint32Array): boolean {
    const [span] = this.#spans
    if (span?.[0] !== from || span[1] !== from + digests.length - 1 || this.#spans.length > 1) return false
    return this.#data.equals(new Uint8Array(digests.buffer, digests.byteOffset, digests.byteLength))
  }

  /** undefined where nothing is held. */
  at(seq: number): number | undefined {
    for (let span = this.#spans[this.#span]; span; span = this.#spans[++this.#span]) {
      const from = span[0]
      const to = span[1]
      if (seq < from) return undefined
      if (seq <= to) return this.#bytes.getUint32((this.#before + seq - from) * 4, true)
      this.#before += to - from + 1
    }
    return undefined
  }
}
