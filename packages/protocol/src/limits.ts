import { clientLimits } from './client-limits.ts'

/**
 * Every bound of the system, in one table (law L9): those that a client keeps to, and those of the server alone. A name ends in its
 * unit. `docs/limits.md` is held to this table by a test, and `limits.test.ts` asserts the relations between the rows.
 */
export const limits = {
  ...clientLimits,

  // Frames
  /** Nesting of a JSON document from a client. */
  jsonDepthMax: 8,
  /** Fragments of one WebSocket message, and chunks buffered for it (T12). */
  frameFragmentsMax: 64,
  frameChunksMax: 256,

  // Messages
  clientMsgIdCharsMax: 64,
  reactionsPerUserAndMessageMax: 8,
  emojiPerMessageMax: 32,

  // Conversations
  groupMembersMax: 1_024,
  groupAddMax: 256,
  conversationNameCharsMax: 100,

  // Accounts
  userNameCharsMax: 32,
  displayNameCharsMax: 64,
  deviceNameCharsMax: 100,
  passwordCharsMin: 8,
  passwordCharsMax: 256,
  tokenCharsMax: 4_096,
  devicesPerUserMax: 50,
  blocksPerUserMax: 1_000,
  /** `sub` of a token of an outside issuer. */
  subjectCharsMax: 255,
  accessTokenLifetimeS: 15 * 60,
  refreshTokenLifetimeS: 60 * 24 * 60 * 60,
  /** A rotated refresh token is still answered with the same successor for this long: the answer may have been lost. */
  refreshReuseGraceS: 10,
  /** Refresh tokens of a device before the current one by which a late copy of an honest request is told from a thief's. */
  refreshHashesMax: 16,

  // Reading
  pageEntriesDefault: 50,
  listConversationsDefault: 50,
  receiptStepsMax: 64,
  /** Unread looks at this many of the newest entries; what lies deeper counts as read (L8). */
  unreadEntriesMax: 32_768,

  // Sync (L7)
  /** More changed conversations than this answer `reset`. */
  resumeConversationsMax: 4_000,
  /** Bytes of newest entries that ride in the answer of a resume. */
  resumeEntriesBytesMax: 256 * 1024,
  resumeEntriesPerConversationMax: 20,
  /** Entries that are read at once for it: about as many as fit. */
  resumeEntriesReadMax: 640,
  /** A mark is taken this much before now: clock lag, pauses and the lifetime of an append together stay below it (DESIGN.md section 4). */
  markSlackMs: 120_000,
  /** The local store keeps how far time has come this often: well below the slack of a mark. */
  keptTimeIntervalMs: 30_000,
  /** A time that is kept further ahead of the machine's than this was wrong: it is given up, and with it all marks. */
  keptTimeAheadMsMax: 86_400_000,
  /** Conversations named by one pong. */
  pongConversationsMax: 500,

  // Sessions
  sessionsPerUserMax: 100,
  sessionsPerAddressMax: 5_000,
  /** Connections that the system holds until they are accepted: all devices of a server that was restarted. It may hold fewer (somaxconn). */
  connectionsUnacceptedMax: 4_096,
  /** Resumes that are answered at the same time; the others wait, and whoever has gone meanwhile is passed over. */
  resumesAtOnceMax: 32,
  helloDeadlineMs: 5_000,
  heartbeatIntervalMs: 30_000,
  /** How long a session may go on after its token has expired, so that the client can renew it. */
  tokenExpiryGraceMs: 30_000,
  /** From the revocation of a device to the close of its last socket, also where the hint of it is lost (T3). */
  revocationDelayMsMax: 5_000,
  /** How often a node reads on in the log of sign-outs. */
  signOutsIntervalMs: 2_000,
  /** Devices in one page of it. */
  signOutsAtOnceMax: 1_000,
  /** How long a node remembers a sign-out, at least: longer than a greeting can rest on an older answer. */
  signOutsKeptMs: 10_000,
  /** How often sessions are looked over for silence and expired tokens. */
  sessionSweepMs: 5_000,
  /** What a client may send behind its `hello` while the token is being checked. */
  greetingCharsMax: 256 * 1024,
  /** A peer that does not answer a close is cut off after this long. */
  closeHandshakeMs: 5_000,
  outboxBytesMax: 8 * 1024 * 1024,
  outboxFramesMax: 16_384,
  /** How long a frame in no hurry may wait for another that goes to the same socket. */
  outboxLaterMs: 100,
  /** How long a group that got several entries in one turn rests then, for each of its members. */
  fanOutRestUs: 25,
  /** Commands of one session that wait for their answer. */
  commandsPendingPerSessionMax: 1_024,
  pollWaitMs: 30_000,
  pollIdleMs: 45_000,
  pollUnackedFramesMax: 4_096,
  /** Frames in one answer of a poll; one frame may be larger. */
  pollAnswerBytesMax: 1024 * 1024,
  /** Each of the two waits of a drain: together below the 10 s that most supervisors give. */
  drainMs: 4_000,

  // Debounce
  /** How long cursors of all devices wait for each other before they are written. Each waits in memory with its frame. */
  cursorWriteIntervalMs: 50,
  receiptIntervalMs: 1_000,
  quietHeadsIntervalMs: 3_000,
  presenceIntervalMs: 1_000,
  profileIntervalMs: 1_000,
  presenceGraceMs: 5_000,
  /** How often last seen is written, of all devices that came, went or were seen again. */
  lastSeenWriteIntervalMs: 60_000,
  /** Devices whose last seen is written at once. */
  sightingsAtOnceMax: 256,
  /** How often a device that stays is seen again. What is on record of it is older by this and the interval of writing at most. */
  sightingIntervalMs: 120_000,

  // Appending (DESIGN.md section 4)
  /** Entries that a conversation appends at once: those of others wait for them, in the store and for the turn that hands them out. */
  appendEntriesMax: 64,
  appendBytesMax: 1024 * 1024,
  appendQueueMax: 4_096,
  appendAttemptsMax: 8,
  appendTimeoutMs: 10_000,
  appendersMax: 10_000,
  /** Senders of whom an appender remembers the id that they used last. */
  appenderSendersMax: 1_024,

  // Background work
  sweepIntervalMs: 30_000,
  sweepEntriesMax: 1_000,
  /** Positions of its log that the local store looks through at once for a consumer of the event stream: other reads wait for it. */
  streamPositionsMax: 2_048,
  /** Rounds in which an entry may fail before it is passed over, with an error in the log. */
  sweepAttemptsMax: 5,
  /** Erasures of users: how often they are looked for, entries looked through at once, and the rest after those that took messages back. */
  erasureIntervalMs: 5_000,
  erasurePageEntriesMax: 256,
  erasurePauseMs: 50,

  // Caches over a store
  peopleCachedMax: 50_000,
  peopleStaleMs: 30_000,

  // Rates: token buckets, in units of cost (see `costs`)
  rateConnectionBurst: 600,
  rateConnectionPerS: 200,
  rateUserBurst: 1_200,
  rateUserPerS: 400,
  rateConversationBurst: 4_000,
  rateConversationPerS: 2_000,
  /** Rate refusals in one connection within a minute before it is closed (T15). */
  rateRefusalsPerMinuteMax: 200,
  /** Failed logins for one name, or from one address, in 15 minutes. */
  loginFailuresPerNameMax: 10,
  loginFailuresPerAddressMax: 1_000,
  loginFailureWindowS: 15 * 60,
  registrationsPerAddressPerHourMax: 10_000,
  /** Exact-name lookups (T21): of a user, of an address, and of all together. */
  lookupsPerUserPerHourMax: 1_000,
  lookupsPerAddressPerHourMax: 20_000,
  lookupsPerHourMax: 200_000,
  /** Password hashes at work at once: 19 MiB each. */
  passwordHashesAtOnceMax: 4,
  passwordHashesQueueMax: 2_000,
  /** Users, addresses and names whose budget is remembered, in each kind of budget. */
  budgetKeysMax: 100_000,
  /** Devices whose standing (signed in or out) is remembered between requests. */
  deviceStandingsMax: 50_000,
  /** For how long, where no hint says otherwise. */
  deviceStandingStaleMs: 2_000,

  // The local store
  /** The write-ahead log is emptied when it has grown over this. */
  walBytesMax: 256 * 1024 * 1024,
  checkpointIntervalMs: 1_000,
  /** The young generation of each store thread: what a call leaves behind is dead by the next. */
  storeYoungGenerationBytesMax: 16 * 1024 * 1024,
  /** Wire ids whose numbers a store thread remembers, and logs whose heads the writing one does. */
  storeNamesCachedMax: 200_000,
  /** Cursors that the writing thread remembers, so that moving one reads nothing. */
  storeCursorsCachedMax: 100_000,
  /**
   * Conversations whose newest entries a store thread remembers for counting unread ones. Weights are in entries: of all tails
   * together, and of one that makes room. Amendments in one, of which it remembers what they changed.
   */
  storeTailsMax: 16_384,
  storeTailsWeightMax: 4_194_304,
  storeTailWeightMax: 256,
  storeTailChangesMax: 1_024,
  /** Conversations of which the reader thread remembers the time of the last entry: lists are ordered by it, and a resume asks by it what changed. */
  storeLastTimesMax: 200_000,
  /** When it is more entries behind the log than this, it begins anew. */
  storeLastTimesBehindMax: 4_096,

  // The partitioned store
  /** Activity is written down by the minute (DESIGN.md section 4). */
  activityMinuteMs: 60_000,
  /** Conversations whose row of this minute is known to be written. */
  activityRowsCachedMax: 100_000,
  /** Client ids that are remembered so that an append need not read them: whole buckets of recently active conversations. */
  bucketIdsCachedMax: 500_000,
  /** Conversations of which is remembered where they end. */
  bucketHintsMax: 100_000,

  // HTTP
  headersBytesMax: 16 * 1024,
  headersCountMax: 100,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  urlCharsMax: 10_240,
} as const

/** What a frame or request costs in the token buckets. Typing is cheap and droppable; what writes is dear. */
export const costs = {
  message: 1,
  edit: 1,
  delete: 1,
  reaction: 1,
  ack: 0.2,
  typing: 0.2,
  watch: 0.5,
  activity: 0.2,
  ping: 0.2,
  auth: 1,
  resume: 20,
  page: 2,
  list: 5,
  manage: 5,
} as const
