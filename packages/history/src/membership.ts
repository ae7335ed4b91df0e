/** Who was a member when, folded from the log (L6). */
import type { LogEntry } from './dump.ts'

export type Span = readonly [from: number, to: number]

export function contains(spans: readonly Span[], seq: number): boolean {
  return spans.some(([from, to]) => seq >= from && seq <= to)
}

/** Where an entry that follows `seq` is due next; null when there is none. */
export function nextAfter(spans: readonly Span[], seq: number): number | null {
  if (contains(spans, seq + 1)) return seq + 1
  return spans.find(([from]) => from > seq)?.[0] ?? null
}

/** The first seq of `held` that is in none of `spans`. */
export function firstOutside(held: readonly Span[], spans: readonly Span[]): number | undefined {
  for (const [from, to] of held)
    for (let seq = from; seq <= to; ) {
      const span = spans.find(([first, last]) => seq >= first && seq <= last)
      if (!span) return seq
      seq = span[1] + 1
    }
  return undefined
}

export class Membership {
  /** Roles of those who are members now. */
  readonly members = new Map<string, string>()
  /** seq of the entry that last made a user a member: what is older is not unread (L8). */
  readonly joined = new Map<string, number>()
  name: string | null = null
  #history = 'joined'
  readonly #stretches = new Map<string, { from: number; to: number | null }[]>()

  /** Everybody who is or was a member. */
  get everyone(): Iterable<string> {
    return this.#stretches.keys()
  }

  follow({ kind, content, seq }: LogEntry): void {
    switch (kind) {
      case 'created':
        this.name = content.name ?? null
        this.#history = content.history ?? 'joined'
        for (const { userId, role } of content.members ?? []) this.#open(userId, role, seq, seq)
        break
      case 'added':
        for (const { userId, role } of content.members ?? []) this.#open(userId, role, seq, this.#history === 'all' ? 1 : seq)
        break
      case 'removed': {
        const last = this.#stretches.get(content.userId ?? '')?.at(-1)
        if (last) last.to = seq
        this.members.delete(content.userId ?? '')
        break
      }
      case 'role':
        this.members.set(content.userId ?? '', content.role ?? 'member')
        break
      case 'renamed':
        this.name = content.name ?? null
        break
      case 'settings':
        this.#history = content.history ?? 'joined'
        if (this.#history === 'all') for (const stretches of this.#stretches.values()) openEarlier(stretches)
    }
  }

  /** What a user is entitled to: rising, apart from each other. */
  spansOf(user: string, head: number): readonly Span[] {
    const spans: [number, number][] = []
    const rising = [...(this.#stretches.get(user) ?? [])].sort((a, b) => a.from - b.from)
    for (const { from, to } of rising) {
      const last = spans.at(-1)
      const end = to ?? head
      if (last && from <= last[1] + 1) last[1] = Math.max(last[1], end)
      else spans.push([from, end])
    }
    return spans
  }

  #open(user: string, role: string, seq: number, from: number): void {
    this.members.set(user, role)
    this.joined.set(user, seq)
    const stretches = this.#stretches.get(user)
    if (stretches) stretches.push({ from, to: null })
    else this.#stretches.set(user, [{ from, to: null }])
  }
}

function openEarlier(stretches: { from: number; to: number | null }[]): void {
  const last = stretches.at(-1)
  if (last && last.to === null) last.from = 1
}
