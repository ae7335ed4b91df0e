/**
 * Branches that a run of many seeds must have been on, or its green says nothing about them (RELIABILITY.md section 4.1). Counted by
 * what can be seen from outside: faults where they are made, recovery where it answers.
 */
export const branches = [
  // The network
  'link cut',
  'link cut among its first frames',
  'half-open link',
  'device without network',
  'slow consumer closed',
  'heartbeat missed, client hung up',
  'server closed a silent session',
  'request lost',
  'answer lost',
  'request doubled',
  'polled where sockets are blocked',
  // Between nodes
  'hint lost',
  'hint doubled',
  'hint late',
  'node cut off from the others',
  'routes flushed',
  'command forwarded to its owner',
  'owner did not answer in time',
  // The store
  'trip slow-request',
  'trip slow-reply',
  'trip refused',
  'trip reply-lost',
  'trip reply-garbled',
  'trip very-late',
  'trip sent-twice',
  'node cut off from the store',
  'append applied for a dead node',
  'unsynced write lost with the power',
  'fsync failed',
  'disk full',
  'a part of the rows written',
  'projection failed, the log went on',
  'projection behind the log was read',
  'projection ahead of the head was read',
  // The partitioned log
  'bucket rolled',
  'roll cut off by a crash, ended by another node',
  'bucket hint out of date',
  'batch cut at the end of a bucket',
  'append refused by a bucket',
  'id found in the index',
  'orphan amendment recognised',
  'row of activity before a known id is told',
  'row of activity after a late verdict',
  'minute over before the append was sent',
  'append given up before it was sent',
  'minute of activity left behind',
  // Crashes
  'server killed with an append under way',
  'server killed after the append, before the ack',
  'server drained',
  'node frozen while it had work',
  'client killed with commands unsent',
  'client lost writes with the power',
  'client ended by its own will',
  'client ended with reading not confirmed',
  // Clocks and tokens
  'server clock set back',
  'server clock set forward',
  'client clock wrong',
  'token expired',
  'token renewed on a live session',
  'device revoked',
  // What the code does about it
  'verdict head-moved',
  'verdict known',
  'several commands in one append',
  'ack again, of the first time',
  'bounced: RETRY_IN_ORDER',
  'refused: FORBIDDEN',
  'unknown: UNKNOWN_OUTCOME',
  'unknown: STORAGE_FULL',
  'resume named what was missed',
  'resume told in outline what was had',
  'resume confirmed reading in outline',
  'heartbeat named what was missed',
  'gap filled from the log',
  'removed member came back',
  'message deleted and blanked',
] as const

export type Branch = (typeof branches)[number]

export class Reached {
  readonly counts = new Map<Branch, number>()

  hit(branch: Branch, times = 1): void {
    this.counts.set(branch, (this.counts.get(branch) ?? 0) + times)
  }

  merge(counts: Iterable<readonly [Branch, number]>): void {
    for (const [branch, times] of counts) this.hit(branch, times)
  }

  get missing(): readonly Branch[] {
    return branches.filter((branch) => !this.counts.has(branch))
  }
}
