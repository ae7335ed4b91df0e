/** L5 over the commands of one conversation, in the order of their entries: C8 and C9. */
import type { Sent } from './sent.ts'
import type { Verdict } from './verdict.ts'

/** C8: what was acked before another was sent has a lower seq. So no command was given after the earliest ack of any above it. */
export function checkRealTime(sent: Sent, verdict: Verdict): void {
  let earliest = 0
  let ackedAt = Number.POSITIVE_INFINITY
  for (let seq = sent.conversation.head; seq > 0; seq--) {
    if (sent.procOf(seq) === undefined) continue
    if (ackedAt < sent.begunAt(seq)) {
      const lines = [sent.invokeOf(earliest), sent.ackOf(earliest), sent.invokeOf(seq)]
      verdict.add('C8', `sent after seq ${earliest} was acked, and stored below it, at ${seq}`, ...lines)
    }
    if (sent.ackedAt(seq) >= ackedAt) continue
    earliest = seq
    ackedAt = sent.ackedAt(seq)
  }
}

/** C9: one device's commands stand in the order in which they were given. */
export function checkFifo(sent: Sent, verdict: Verdict): void {
  const newest = new Map<string, number>()
  for (let seq = 1; seq <= sent.conversation.head; seq++) {
    const proc = sent.procOf(seq)
    if (proc === undefined) continue
    const before = newest.get(proc)
    if (before !== undefined && sent.begunAt(before) > sent.begunAt(seq)) {
      const lines = [sent.invokeOf(seq), sent.invokeOf(before)]
      verdict.add('C9', `given before the command of seq ${before} by the same device, and stored after it, at ${seq}`, ...lines)
    } else newest.set(proc, seq)
  }
}
