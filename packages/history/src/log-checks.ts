/** The log by itself: C2 and C3. */
import type { Dump, LogEntry } from './dump.ts'
import type { ExpectedConversation } from './expect.ts'
import type { Violations } from './violations.ts'

const membershipKinds = new Set(['created', 'added', 'removed', 'role', 'renamed', 'settings'])

export function checkIds(dump: Dump, violations: Violations): void {
  const byCommand = new Map<string, LogEntry>()
  const byMessageId = new Map<string, LogEntry>()
  for (const entry of dump.entries) {
    const key = `${entry.conv} ${entry.senderId} ${entry.cmid}`
    const twin = byCommand.get(key)
    if (twin) violations.add('C2', `the client message id ${entry.cmid} is in the log twice`, twin, entry)
    byCommand.set(key, entry)
    const double = byMessageId.get(entry.messageId)
    if (double) violations.add('C2', `the message id ${entry.messageId} was given twice`, double, entry)
    byMessageId.set(entry.messageId, entry)
  }
}

export function checkLog({ id, log }: ExpectedConversation, violations: Violations): void {
  let count = 0
  let membershipSeq = 0
  let before: LogEntry | undefined
  for (const [i, entry] of log.entries()) {
    if (entry.seq !== i + 1) {
      violations.add('C3', `${id} has seq ${entry.seq} where ${i + 1} is due`, before, entry)
      return
    }
    if (entry.kind === 'message') count++
    if (membershipKinds.has(entry.kind)) membershipSeq = entry.seq
    if (entry.count !== count) violations.add('C3', `${id} counts ${entry.count} messages at seq ${entry.seq}; there are ${count}`, entry)
    if (entry.membershipSeq !== membershipSeq) violations.add('C3', `${id} has the wrong membershipSeq at ${entry.seq}`, entry)
    if (before && entry.at < before.at) violations.add('C3', `${id} goes back in time at seq ${entry.seq}`, before, entry)
    before = entry
  }
  if (log[0]?.kind !== 'created') violations.add('C3', `${id} does not begin with its creation`, log[0])
}
