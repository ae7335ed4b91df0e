import { describe, expect, test } from 'vitest'
import { clientMsgIdPattern, userNamePattern } from './ids.ts'
import { costs, limits } from './limits.ts'

describe('[L9] the rows of the table agree with each other', () => {
  const atMost: readonly (readonly [string, number, number])[] = [
    ['a text with every byte escaped, and 8 KiB for the rest, fits into a frame', limits.textBytesMax * 6 + 8 * 1024, limits.frameBytesMax],
    ['a token fits into the headers', limits.tokenCharsMax, limits.headersBytesMax / 2],
    ["a list of profiles by id fits into a URL's worth of frames", limits.profilesMax * 43, limits.frameBytesMax],
    ['the longest command fits into an append', limits.textBytesMax * 6, limits.appendBytesMax],
    ['a batch of commands fits into an append', limits.batchFramesMax, limits.appendEntriesMax],
    ['an append fits into the queue', limits.appendEntriesMax, limits.appendQueueMax],
    ['the commands of one session fit into the queue', limits.commandsPendingPerSessionMax, limits.appendQueueMax],
    ['of each member of a group the last id is remembered', limits.groupMembersMax, limits.appenderSendersMax],
    ['additions fit into a group', limits.groupAddMax, limits.groupMembersMax],
    ['a page is not over its maximum', limits.pageEntriesDefault, limits.pageEntriesMax],
    ['a list is not over its maximum', limits.listConversationsDefault, limits.listConversationsMax],
    ['newest entries are fewer than a page', limits.resumeEntriesPerConversationMax, limits.pageEntriesMax],
    ['what rides in a resume is a part of the outbox', limits.resumeEntriesBytesMax, limits.outboxBytesMax / 4],
    ['a whole resume of rows of 1 KiB fits into the outbox', limits.resumeConversationsMax * 1024, limits.outboxBytesMax],
    ['one heartbeat may come late', limits.heartbeatIntervalMs * 1.5, limits.heartbeatTimeoutMs],
    ['an append ends within the slack of a mark', limits.appendTimeoutMs * 2, limits.markSlackMs],
    ['the sweep projects within the slack of a mark', limits.sweepIntervalMs * 2, limits.markSlackMs],
    ['a time is kept twice before a mark passes it', limits.keptTimeIntervalMs * 2, limits.markSlackMs],
    [
      'cursors are flushed long before a mark passes them',
      (limits.groupDeliveredIntervalMs + limits.cursorWriteIntervalMs) * 10,
      limits.markSlackMs,
    ],
    ['what has come of a group is told as often as it is shown', limits.groupDeliveredIntervalMs, limits.receiptIntervalMs],
    ['a device tells of a group no sooner than of a person', limits.cursorFlushIntervalMs, limits.groupDeliveredIntervalMs],
    ['typing is renewed before it ends', limits.typingIntervalMs, limits.typingLifetimeMs - 1_000],
    [
      'a rest of the largest group is over long before a client takes what it holds back for lost',
      (limits.groupMembersMax * limits.fanOutRestUs) / 1_000,
      limits.clientGapPatienceMs / 4,
    ],
    [
      'what a group collects while it rests, of the longest texts, and one append more go to a session at once',
      (limits.appendEntriesMax - 1) * (limits.textBytesMax * 6 + 2 * 1024) + limits.appendBytesMax,
      limits.outboxBytesMax,
    ],
    ['a token lives longer than its leeway', limits.tokenLeewayS * 2, limits.accessTokenLifetimeS],
    ['a long poll ends before it counts as idle', limits.pollWaitMs, limits.pollIdleMs - 5_000],
    [
      'the dearest request is within every burst',
      Math.max(...Object.values(costs)),
      Math.min(limits.rateConnectionBurst, limits.rateUserBurst),
    ],
    ['a batch is within the burst of a connection', limits.batchFramesMax * costs.message, limits.rateConnectionBurst],
    ["one connection cannot use up the user's rate", limits.rateConnectionPerS, limits.rateUserPerS],
    ['a greeting is due before a socket counts as dead', limits.helloDeadlineMs, limits.heartbeatTimeoutMs],
    ['what a device has under way fits into its session', limits.clientUnderWayMax, limits.commandsPendingPerSessionMax],
    ['and is within the burst of a connection', limits.clientUnderWayMax * costs.message, limits.rateConnectionBurst],
    ['a round of cursors is within it too', limits.clientCursorsAtOnceMax * costs.ack, limits.rateConnectionBurst],
    ['what the store keeps of a tail is in memory', limits.clientStoredEntriesMax, limits.clientTailEntriesMax / 2],
    ['the fragments of a message are fewer than its chunks', limits.frameFragmentsMax, limits.frameChunksMax],
    ['what waits behind a hello is a few frames', limits.greetingCharsMax, limits.outboxBytesMax / 4],
    ['half of what a poll has not acknowledged fits into an outbox', limits.pollUnackedFramesMax / 2, limits.outboxFramesMax],
    ['an answer of a poll is a part of the outbox', limits.pollAnswerBytesMax, limits.outboxBytesMax / 4],
    ['one user has no more sessions than an address', limits.sessionsPerUserMax, limits.sessionsPerAddressMax],
    [
      'a device that a node let in on an old answer is found within the delay, with a second for the store',
      limits.deviceStandingStaleMs + limits.signOutsIntervalMs + 1_000,
      limits.revocationDelayMsMax,
    ],
    [
      'a node knows of a sign-out for longer than a greeting may rest on what was known before it',
      limits.deviceStandingStaleMs + limits.helloDeadlineMs + 1_000,
      limits.signOutsKeptMs,
    ],
    ['a name, guessed at, is closed long before its address', limits.loginFailuresPerNameMax * 10, limits.loginFailuresPerAddressMax],
    ['a user looks up less than an address', limits.lookupsPerUserPerHourMax, limits.lookupsPerAddressPerHourMax],
    ['an address looks up less than all together', limits.lookupsPerAddressPerHourMax, limits.lookupsPerHourMax],
    ['a refresh that is repeated comes before the next is due', limits.refreshReuseGraceS, limits.accessTokenLifetimeS / 10],
    ['a session outlives its access token', limits.accessTokenLifetimeS * 2, limits.refreshTokenLifetimeS],
    // An id has 42 characters at most, and a comma between two is written as %2C.
    ['as many profiles as may be asked for fit into a URL', limits.profilesMax * (42 + 3) + 100, limits.urlCharsMax],
    ['as does the presence of all whom one may watch', limits.watchUsersMax * (42 + 3) + 100, limits.urlCharsMax],
    ['a URL fits into the headers', limits.urlCharsMax + 2_048, limits.headersBytesMax],
    ['tails that were all cut short fit together', limits.storeTailsMax * limits.storeTailWeightMax, limits.storeTailsWeightMax],
    ['unread is exact though each message is amended thirty times', (limits.unreadMax + 1) * 31, limits.unreadEntriesMax],
    ['headers are read before a request is due', limits.headersTimeoutMs, limits.requestTimeoutMs],
    ['a request outlives an append', limits.appendTimeoutMs, limits.requestTimeoutMs],
    ['the ids of all users of one address are remembered', limits.sessionsPerAddressMax, limits.budgetKeysMax],
    ['sessions of one address fit into what is known of devices', limits.sessionsPerAddressMax, limits.deviceStandingsMax],
    ['a preview is shorter than a text', limits.previewCharsMax, limits.textBytesMax],
  ]
  test.each(atMost)('%s', (_, less, more) => {
    expect(less).toBeLessThanOrEqual(more)
  })

  test('what a pattern bounds is bounded by its row', () => {
    const longest = (pattern: RegExp, max: number) => [pattern.test('x'.repeat(max)), pattern.test('x'.repeat(max + 1))]
    expect(longest(clientMsgIdPattern, limits.clientMsgIdCharsMax)).toEqual([true, false])
    expect(longest(userNamePattern, limits.userNameCharsMax)).toEqual([true, false])
  })

  test('every bound is a number above zero, and whole', () => {
    for (const [name, value] of Object.entries(limits)) expect(Number.isSafeInteger(value) && value > 0, name).toBe(true)
  })

  test('a group is told of in every so many turns of the cursors', () => {
    expect(limits.groupDeliveredIntervalMs % limits.cursorFlushIntervalMs).toBe(0)
  })

  test('a name ends in its unit', () => {
    for (const name of Object.keys(limits)) expect(name).toMatch(/(Max|Min|Us|Ms|S|PerS|Burst|Default|MsMax|PerHourMax)$/)
  })
})
