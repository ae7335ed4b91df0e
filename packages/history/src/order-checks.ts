/** L5 over the commands of one conversation, in the order of their entries: C8 and C9. */
import type { LineOf } from './history.ts'
import type { Send } from './send-checks.ts'
import type { Stored } from './stored.ts'
import type { Verdict } from './verdict.ts'

/** C8: what was acked before another was sent has a lower seq. So no command was given after the earliest ack of any above it. */
export function checkRealTime(sends: readonly (Send | undefined)[], verdict: Verdict): void {
  let earliest: Send | undefined
  for (let i = sends.length - 1; i >= 0; i--) {
    const send = sends[i]
    if (!send) continue
    if (earliest && earliest.ackedAt < send.invoke.t)
      verdict.add(
        'C8',
        `sent after seq ${earliest.stored?.seq} was acked, and stored below it, at ${i + 1}`,
        earliest.invoke,
        ackOf(earliest),
        send.invoke,
        send.stored,
      )
    if (send.ackedAt < (earliest?.ackedAt ?? Number.POSITIVE_INFINITY)) earliest = send
  }
}

/** C9: one device's commands stand in the order in which they were given. */
export function checkFifo(sends: readonly (Send | undefined)[], verdict: Verdict): void {
  const newest = new Map<string, Send>()
  for (const send of sends) {
    if (!send) continue
    const before = newest.get(send.invoke.proc)
    if (before && before.invoke.t > send.invoke.t)
      verdict.add(
        'C9',
        `given before the command of seq ${before.stored?.seq} by the same device, and stored after it, at ${send.stored?.seq}`,
        send.invoke,
        before.invoke,
      )
    else newest.set(send.invoke.proc, send)
  }
}

/** The first ack, whose line is not kept: it says what the log says, or C4 has it. */
function ackOf({ invoke: { proc, conv, cmid }, stored, ackedAt: t }: Send): LineOf<'send', 'ok'> {
  const { seq, messageId } = stored as Stored
  return { t, proc, op: 'send', type: 'ok', conv, cmid, seq, messageId }
}
