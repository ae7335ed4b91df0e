/**
 * Ways in which the real code could be wrong. Each must be caught by the simulation within 200 seeds, or by the test named beside it.
 *
 * The design leaves no room for some that one would try, such as a lease that is not checked. In their place stands the nearest thing that
 * can be wrong here, and says so.
 */
import type { Patch } from '../../patch/src/patch.ts'
import { logMutants } from './log-mutants.ts'

export interface Mutant extends Patch {
  /** Which law it breaks, in words. */
  readonly breaks: string
  /** Where the simulation cannot see it: the file of the test that does. */
  readonly test?: string
}

const appender = 'packages/server/src/chat/appender.ts'
const judge = 'packages/server/src/chat/judge.ts'
const session = 'packages/server/src/gateway/session.ts'
const append = 'const verdict = await inTime(() => log.append(this.#conversationId, standing?.head.seq ?? 0, entries))'

export const patches: readonly Mutant[] = [
  ...logMutants,
  {
    name: 'early-ack',
    breaks: 'L4: acked before the append has answered',
    file: appender,
    find: append,
    replace: `for (const { placed, pendings } of judged.batch) {
        const { messageId, seq, at } = placed
        for (const pending of pendings) pending.accept({ messageId, seq, at, duplicate: false })
      }
      ${append}`,
  },
  {
    name: 'dedupe-after-access',
    breaks: 'L3: a stored message is refused to a sender who has lost the right to send',
    file: judge,
    find: `    if (stored) {
      if (stored.bodyHash`,
    replace: `    const early = refusal({ roster, head: head.seq, blocked: scene.blocked, target: null }, userId, command.content)
    if (early && command.content.kind === 'message') refused.push({ pending, error: early })
    else if (stored) {
      if (stored.bodyHash`,
  },
  {
    name: 'refusal-from-a-cached-state',
    breaks: 'a refusal rests on a state that may have passed',
    file: appender,
    find: 'if (judged.refused.length > 0 && !loadedSince) {',
    replace: 'if (judged.refused.length > 0 && attempt > limits.appendAttemptsMax) {',
    test: 'packages/server/src/chat/appender-hostile.test.ts',
  },
  {
    name: 'refusal-before-the-verdict',
    breaks: 'a refusal is sent before the append of its batch has applied',
    file: appender,
    find: 'for (const { pending, error } of judged.bounced) pending.refuse(error)',
    replace: 'for (const { pending, error } of [...judged.bounced, ...judged.refused]) pending.refuse(error)',
  },
  {
    name: 'cache-advances-when-sent',
    breaks: 'the state advances on an append that was never answered',
    file: appender,
    find: append,
    replace: `const assume = () => {
        if (judged.after.roster) this.#standing = { head: judged.after.head, roster: judged.after.roster, projected: standing?.projected ?? 0 }
        for (const { entry, placed } of judged.batch) {
          this.#ids.learn({ ...placed, bodyHash: entry.bodyHash })
          this.#ids.appended(placed.senderId, placed.clientMsgId)
        }
      }
      ${append}.catch((error: unknown) => {
        this.#deps.clock.setTimer(0, assume)
        throw error
      })`,
  },
  {
    // A projection ahead of the head does no harm to an append, which does not apply then; `[L7] head and members of a row belong
    // together` in resume.test.ts has the harm it does to a row. A projection that is not held against the head at all is this one.
    name: 'projection-not-held-against-the-head',
    breaks: 'L6: a reader is shown what the projection says, whatever the log has come to',
    file: 'packages/server/src/chat/memberships.ts',
    find: 'if (head && stored && head.membershipSeq <= stored.applied && stored.applied <= head.seq) return',
    replace: 'if (head && stored) return',
  },
  {
    name: 'same-id-twice-in-a-batch',
    breaks: 'L3: two copies of a command ride in one append',
    file: judge,
    find: '} else if (twin) {',
    replace: '} else if (twin && command.clientMsgId === null) {',
  },
  {
    name: 'refused-id-not-looked-up',
    breaks: 'L3: whether a refused id stands in the log after all is not looked up',
    file: 'packages/server/src/chat/evidence.ts',
    find: 'const keys = doubtful(judged).filter((key) => !asked.has(idKey(key.senderId, key.clientMsgId)))',
    replace: 'const keys = doubtful(judged).filter(() => asked.size > 0)',
  },
  {
    name: 'seq-reused',
    breaks: 'L2: a reaction takes the seq of the entry before it',
    file: 'packages/server/src/ports/place-entries.ts',
    find: 'const seq = head.seq + 1',
    replace: "const seq = head.seq + (kind === 'reaction' ? 0 : 1)",
  },
  {
    name: 'queue-of-the-sender-skipped',
    breaks: 'L5: a pipelined command lands before its predecessor',
    file: judge,
    find: '} else if (command.after !== null && ',
    replace: '} else if (command.after === command.clientMsgId && ',
  },
  {
    name: 'reordering-fan-out',
    breaks: 'entries of one turn are pushed in the wrong order',
    file: 'packages/server/src/chat/fan-out.ts',
    find: 'of runsOf(due)) {',
    replace: 'of runsOf(due.reverse())) {',
  },
  {
    name: 'heads-not-compared',
    breaks: 'L6: a lost last entry leaves no gap, and nobody looks',
    file: 'packages/client/src/sync.ts',
    find: "for (const outline of frame.conversations) this.#compare(outline, 'live')",
    replace: '',
  },
  {
    name: 'resume-before-register',
    breaks: 'L7: what is appended between the answer and the registering is pushed to nobody',
    file: session,
    find: `    hub.add(this)
    presence.arrived(sender)
    try {
      const [answer, quiet] = await Promise.all([chat.resume(sender, frame), chat.quietConversations(sender)])
      if (this.isClosed) return`,
    replace: `    try {
      const [answer, quiet] = await Promise.all([chat.resume(sender, frame), chat.quietConversations(sender)])
      if (this.isClosed) return
      hub.add(this)
      presence.arrived(sender)`,
  },
  {
    name: 'partial-resume',
    breaks: 'L7: `resumed` names only the two newest of what has changed',
    file: 'packages/server/src/chat/resume.ts',
    find: 'changed.sort((a, b) => b.lastAt - a.lastAt)',
    replace: 'changed.sort((a, b) => b.lastAt - a.lastAt).splice(2)',
  },
  {
    name: 'sieve-forgets-the-peer',
    breaks: 'L7: what the other one of a direct conversation has read is no change',
    file: 'packages/backend-memory/src/inbox.ts',
    find: 'cursor.at, peerCursor?.at ?? 0) >= at',
    replace: 'cursor.at) >= at',
    test: 'packages/backend-memory/src/conformance.test.ts',
  },
  {
    name: 'projection-dated-by-its-entry',
    breaks: 'L7: who is a member by a late projection alone is never told, as the mark has passed the entry',
    file: 'packages/server/src/chat/project.ts',
    find: 'Math.max(roster.state.changedAt, now)',
    replace: 'Math.min(roster.state.changedAt, now)',
    test: 'packages/server/src/chat/resume.test.ts',
  },
  {
    name: 'held-frames-dropped',
    breaks: 'L7: what came while the resume was answered is forgotten',
    file: session,
    find: 'this.#outbox.push(resuming.held)',
    replace: '',
  },
  {
    // The set of members rides with the entry; it is stale where an old entry is announced to the members of today.
    name: 'stale-members-of-a-late-entry',
    breaks: 'L6: an entry that is announced late goes to those who have joined since',
    file: appender,
    find: 'roster.entitledTo(seq)',
    replace: 'roster.memberSet',
  },
  {
    name: 'leak-after-removal',
    breaks: 'L6: an interval that has ended goes on to the head',
    file: 'packages/server/src/chat/visibility.ts',
    find: 'Math.min(interval.to ?? head, head)',
    replace: 'head',
  },
  {
    name: 'members-before-the-removal',
    breaks: 'L6: a removed member is pushed what comes after',
    file: judge,
    find: 'const members = after?.memberSet ?? nobody',
    replace: 'const members = new Set(after?.state.intervals.map(({ userId }) => userId))',
  },
  {
    name: 'access-on-the-projection-alone',
    breaks: 'L1: what the projection lacks is not folded from the log',
    file: 'packages/server/src/chat/standing.ts',
    find: 'if (head.membershipSeq > applied) {',
    replace: 'if (!state && head.membershipSeq > applied) {',
  },
  {
    name: 'cursor-goes-back',
    breaks: 'L8: the last cursor wins instead of the highest',
    file: 'packages/backend-memory/src/cursors.ts',
    find: 'read: Math.max(cursor.read, read),',
    replace: 'read: read > 0 ? read : cursor.read,',
  },
  {
    name: 'unread-counter-incremented',
    breaks: 'L8: an entry counts again that was in the figures of the server',
    file: 'packages/client/src/unread.ts',
    find: 'if (entry.seq > this.#asOf) {',
    replace: 'if (entry.seq > 0) {',
  },
  {
    name: 'reading-leaves-the-store-unkept',
    breaks: 'L8: what was read offline is unread after a restart: the row is not stored when the reading leaves the store',
    file: 'packages/client/src/cursors.ts',
    find: 'return true',
    replace: 'return false',
  },
  {
    name: 'blanked-before-the-append',
    breaks: 'the text of a message goes before its deletion is accepted',
    file: 'packages/server/src/chat/send-message.ts',
    find: 'const placed = await deps.appenders.submit(command)',
    replace: `if (frame.type === 'delete') await deps.log.blank(frame.to, frame.target).catch(() => {})
  const placed = await deps.appenders.submit(command)`,
  },
  {
    name: 'announced-before-the-append',
    breaks: 'L4: an entry is published that may never be in the log',
    file: appender,
    find: append,
    replace: `for (const { placed, recipients } of judged.batch) this.#deps.onAppended(placed, recipients, null)
      ${append}`,
  },
  {
    name: 'outbox-forgets-on-crash',
    breaks: 'L4: a message that the SDK calls stored is not',
    file: 'packages/client/src/outbox.ts',
    find: `    const stored = this.#o.cache.durable(
      replacedKey === undefined`,
    replace: `    const durable = (_pairs: readonly unknown[]) => Promise.resolve()
    const stored = durable(
      replacedKey === undefined`,
  },
  {
    name: 'gap-accepted',
    breaks: 'L6: the SDK reports the next entry it has, whatever lies before it',
    file: 'packages/client/src/log.ts',
    find: 'const next = this.#ahead.get(this.to + 1)',
    replace: 'const next = this.#ahead.get(Math.min(...this.#ahead.keys()))',
  },
  {
    name: 'revoked-device-goes-on',
    breaks: 'T3: the socket of a device that was signed out stays open',
    file: 'packages/server/src/gateway/gateway.ts',
    find: "if (hint.type === 'device-revoked') this.#signOuts.heard(hint.deviceId)",
    replace: '',
  },
  {
    name: 'watch-of-a-former-member',
    breaks: 'T7: who is removed while a watch is checked watches on',
    file: 'packages/server/src/gateway/watch.ts',
    find: 'if (removals !== hub.removalsOf(principal.userId)) return watch(services, session, principal, frame)',
    replace: '',
    test: 'packages/server/src/gateway/watch.test.ts',
  },
  {
    name: 'recheck-undone-by-another',
    breaks: 'T7: of two blocks at the same time the second is forgotten',
    file: 'packages/server/src/gateway/presence.ts',
    find: 'if (this.watchedBy(session) !== watched) return await this.recheckFor(session)',
    replace: 'if (this.watchedBy(session) !== watched) return',
    test: 'packages/server/src/gateway/presence.test.ts',
  },
  {
    name: 'revocation-by-hint-alone',
    breaks: 'T3: a node that lost the hint of a revocation never asks for it',
    file: 'packages/server/src/gateway/sign-outs.ts',
    find: 'for (const deviceId of deviceIds) this.heard(deviceId)',
    replace: '',
    test: 'packages/server/src/gateway/sign-outs.test.ts',
  },
  {
    name: 'let-in-after-its-end',
    breaks: 'T14: a connection that has gone while its token was checked is let in, and holds a place of its user for ever',
    file: 'packages/server/src/gateway/greeting.ts',
    find: 'if (this.#isOver) return',
    replace: '',
    test: 'packages/server/src/gateway/session.test.ts',
  },
  {
    name: 'let-in-on-an-old-answer',
    breaks: 'T3: a device that is signed out while its hello is checked is let in, and nobody closes it',
    file: 'packages/server/src/gateway/gateway.ts',
    find: "if (this.#signOuts.isRecent(deviceId)) return 'DEVICE_REVOKED'",
    replace: '',
    test: 'packages/server/src/gateway/session.test.ts',
  },
]
