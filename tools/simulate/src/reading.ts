/** What one device has shown of reading, and what somebody has read on it, over all its lives: what of both has to stay. */
import type { ConversationId } from '@godwit/protocol/ids.ts'

interface Cursor {
  readonly conv: ConversationId
  readonly read: number
  /** ms */
  readonly at: number
}

export interface ReadingOptions {
  readonly now: () => number
  /** A row shows another cursor than before. */
  readonly onShown: (conv: ConversationId, read: number) => void
  /** Reading that must never be lost. */
  readonly onKept: (conv: ConversationId, read: number) => void
}

export class Reading {
  readonly #o: ReadingOptions
  /** What stands on the screen. */
  readonly #screen = new Map<ConversationId, number>()
  /** In the order of time, but for what a crash has taken away. */
  #shown: Cursor[] = []
  /** What the server has not confirmed. */
  #unconfirmed: Cursor[] = []

  constructor(options: ReadingOptions) {
    this.#o = options
  }

  get isUnconfirmed(): boolean {
    return this.#unconfirmed.length > 0
  }

  /** A life begins: whatever it shows is told, be it what stood there before. */
  blank(): void {
    this.#screen.clear()
  }

  /** The application was told to forget everything. */
  forget(): void {
    this.blank()
    this.#shown = []
    this.#unconfirmed = []
  }

  shows(conv: ConversationId, read: number): void {
    if (this.#screen.get(conv) === read) return
    this.#screen.set(conv, read)
    this.#shown.push({ conv, read, at: this.#o.now() })
    this.#o.onShown(conv, read)
  }

  read(conv: ConversationId, seq: number): void {
    this.#unconfirmed.push({ conv, read: seq, at: this.#o.now() })
  }

  /** The server has it, so it has to stay. Answers whether that is news. */
  confirmed(conv: ConversationId, upTo: number): boolean {
    return this.#keep((cursor) => cursor.conv === conv && cursor.read <= upTo) > 0
  }

  /** What is later than `notedAt`, in ms, may be lost. Answers the cursors that stay. */
  crashed(notedAt: number): Readonly<Record<ConversationId, number>> {
    const isNoted = ({ at }: Cursor) => at <= notedAt
    this.#unconfirmed = this.#unconfirmed.filter(isNoted)
    this.#shown = this.#shown.filter(isNoted)
    return Object.fromEntries(this.#shown.map(({ conv, read }) => [conv, read]))
  }

  /** All is with the server by now. */
  end(): void {
    this.#keep(() => true)
  }

  #keep(isKept: (cursor: Cursor) => boolean): number {
    const kept = this.#unconfirmed.filter(isKept)
    this.#unconfirmed = this.#unconfirmed.filter((cursor) => !isKept(cursor))
    for (const { conv, read } of kept) this.#o.onKept(conv, read)
    return kept.length
  }
}
