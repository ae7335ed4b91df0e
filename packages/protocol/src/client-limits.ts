/**
 * The rows of `limits.ts` that a client keeps to, apart because a page that loads the SDK should not carry the others.
 */
export const clientLimits = {
  // Frames
  /** One frame or HTTP body. Holds a text of `textBytesMax` with every byte escaped as `\u00xx` (6x), and the rest of the frame. */
  frameBytesMax: 128 * 1024,
  /** Appending commands in one `batch` frame, and frames in one POST of a poll. */
  batchFramesMax: 32,

  // Messages
  textBytesMax: 16 * 1024,
  mentionsMax: 64,
  emojiBytesMax: 64,

  // Reading
  pageEntriesMax: 200,
  listConversationsMax: 200,
  profilesMax: 200,
  /** Unread is exact to here, then shown as "999+" (L8). */
  unreadMax: 999,
  previewCharsMax: 200,
  resumeReadsMax: 2_000,

  // Sessions
  /** A socket that has said nothing for this long is dead. */
  heartbeatTimeoutMs: 45_000,
  tokenLeewayS: 60,
  watchConversationsMax: 8,
  watchUsersMax: 200,

  // Debounce
  cursorFlushIntervalMs: 200,
  /** What has come of a group is told less often: its members are shown a count, at most once in `receiptIntervalMs`. */
  groupDeliveredIntervalMs: 1_000,
  typingIntervalMs: 3_000,
  typingLifetimeMs: 6_000,

  // The SDK
  /** Commands of one device that wait to be in a log; `LIMIT_REACHED` beyond. */
  clientUnsentMax: 5_000,
  /** Commands of one device that are sent and not answered: all together, and in one conversation. */
  clientUnderWayMax: 256,
  clientUnderWayPerConversationMax: 32,
  /** Cursors sent at once; the rest follows `cursorFlushIntervalMs` later, so that many do not use up the rate. */
  clientCursorsAtOnceMax: 50,
  /** An HTTP request without an answer is given up, and repeated where that is safe. */
  clientRequestTimeoutMs: 15_000,
  /** A gap that was met live is given at most this long to close by itself, and at least half of it. */
  clientGapPatienceMs: 150,
  /** Conversations whose missing entries are fetched at once. */
  clientFetchesAtOnceMax: 4,
  /** Entries of one conversation that came before what precedes them; what does not fit is fetched again. */
  clientEarlyEntriesMax: 1_000,
  /** Newest entries of one conversation that are in memory. */
  clientTailEntriesMax: 200,
  /** And in the store: a screen or two. */
  clientStoredEntriesMax: 50,
  /** Rows of one timeline. Loading at one end drops at the other. */
  clientTimelineRowsMax: 1_000,
  /** Profiles that are kept; those of the list's peers stay. */
  clientProfilesMax: 10_000,
  /** One that is looked at, and was not heard of for this long, is asked for again. */
  clientProfileStaleMs: 10 * 60_000,
} as const
