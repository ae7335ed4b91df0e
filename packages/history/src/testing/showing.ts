/** What a device shows in the end that has been told of everything. */
import type { Expected, ExpectedConversation } from '../expect.ts'
import type { HistoryLine, ViewLine } from '../history.ts'
import { packDigests } from '../shown.ts'

export function showingOf(proc: string, user: string, expected: Expected, t: number): HistoryLine[] {
  const lines = expected.conversationsOf(user).map((conversation): HistoryLine => {
    const { id: conv, name, members } = conversation
    const spans = conversation.spansOf(user)
    const digestAt = conversation.digestsFor(spans)
    const digests: number[] = []
    for (const [from, to] of spans) for (let seq = from; seq <= to; seq++) digests.push(digestAt(seq) ?? 0)
    const read = conversation.readUpTo(user)
    const { unread, mentions } = conversation.unread(user, read)
    const row = { head: conversation.lastFor(user) ?? 0, at: conversation.activityFor(user) ?? 0, read, unread, mentions, name }
    const rest = { role: members.get(user) ?? null, memberCount: members.size, peer: peerOf(conversation, user) }
    const entries = packDigests(spans, Uint32Array.from(digests))
    return { t, proc, op: 'view', type: 'ok', user, conv, ...row, ...rest, entries }
  })
  return [...lines, { t, proc, op: 'list', type: 'ok', user, order: expected.listOf(user).map(({ conv }) => conv) }]
}

/** The cursors of the other one, in a direct conversation. */
function peerOf(conversation: ExpectedConversation, user: string): ViewLine['peer'] {
  const peer = conversation.peerOf(user)
  if (peer === null) return null
  const theirs = conversation.cursorOf(peer)
  return { delivered: theirs?.delivered ?? 0, read: theirs?.shown ?? 0 }
}
