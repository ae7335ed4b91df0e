/** Ways in which the partitioned log could be wrong: the rules that the models beside the design check, broken one at a time. */
import type { Mutant } from './mutants.ts'

const log = 'packages/partitioned-log/src/'
// The append, piece by piece.
const readBucket = `  const [bucket] = await Promise.all([recent.take(conversationId, expectedHead) ?? load(tables, at), activity.mark(conversationId)])
  if (bucket?.head.seq !== expectedHead) return { verdict: 'head-moved' }
`
const lookUp = `  // The bucket is open, so the ids of those before it are in the index: looked up the other way round, one could slip through.
  const known = await knownIds(tables, at, bucket.ids, entries)
`
const tellKnown = `  if (known.length > 0) {
    // Theirs may have been left behind before they landed.
    await activity.mark(conversationId)
    return { verdict: 'known', known }
  }

`
const place = `  const { placed, head } = placeEntries(conversationId, bucket.head, entries)
  const ids = storedIds(placed, entries)
  const amendments = placed.filter(isAmendment)
`
const putAmendments = `  if (amendments.length > 0) await tables.amendments.put(conversationId, amendments)
`
const mark = `  await activity.mark(conversationId)
`
const giveUp = `  // Its caller has given up, and counts on this: what may still be applied was sent by then.
  if (clock.now() - begun > limits.appendTimeoutMs) throw new GodwitError('UNKNOWN_OUTCOME')
`
const send = `  const isApplied = await tables.buckets.append(at, expectedHead === 0 ? null : expectedHead, { head, entries: placed, ids })
`
const withoutMark = (text: string) =>
  text.replace(', activity.mark(conversationId)', '').replace(/ *await activity.mark\(conversationId\)\n/, '')

const rows = 'packages/partitioned-log/src/activity-rows.test.ts'

export const logMutants: readonly Mutant[] = [
  {
    name: 'ids-read-before-the-head',
    breaks: 'L3: a batch is held against the ids of an older head',
    file: `${log}recent-buckets.ts`,
    find: 'return bucket.head.seq === head ? bucket : null',
    replace: 'return bucket.head.seq <= head ? { ...bucket, head: { ...bucket.head, seq: head } } : null',
  },
  {
    name: 'lru-client-ids',
    breaks: 'L3: of the ids of the current bucket those of the last append are remembered',
    file: `${log}append.ts`,
    find: '  for (const id of ids) bucket.ids.add(keyOf(id))',
    replace: `  bucket.ids.clear()
  for (const id of ids) bucket.ids.add(keyOf(id))`,
  },
  {
    name: 'dedupe-window-expires',
    breaks: 'L3: an id is forgotten after two seconds',
    file: `${log}append.ts`,
    find: 'if (known.length > 0) {',
    replace: 'if (known.some((id) => clock.now() - id.at < 2_000)) {',
  },
  {
    name: 'bucket-opened-before-its-ids-are-copied',
    breaks: 'L3: a bucket is open while the index lacks the ids of the one before',
    file: `${log}roll.ts`,
    find: `  await ids.put(at.conversationId, full.ids)
  await buckets.open(at, full.head)`,
    replace: `  await buckets.open(at, full.head)
  await ids.put(at.conversationId, full.ids)`,
  },
  {
    name: 'index-read-before-the-bucket',
    breaks: 'L3: an id is looked for in the index, moves there, and is looked for in the next bucket',
    file: `${log}append.ts`,
    find: readBucket + lookUp,
    replace: `  const early = at.bucket > 0 ? await tables.ids.find(conversationId, entries) : []
${readBucket}  const known = await knownIds({ ...tables, ids: { ...tables.ids, find: async () => early } }, at, bucket.ids, entries)
`,
  },
  {
    name: 'index-read-before-the-bucket-in-a-search',
    breaks: 'L3: a stored id is not found, since it moves into the index behind the look there',
    file: `${log}find-ids.ts`,
    find: `  const current = await currentBucket(deps, conversationId, keys)
  const stored = new Map(current?.ids.map((id) => [keyOf(id), id]))
  const elsewhere = keys.filter((key) => !stored.has(keyOf(key)))
  if (current && current.bucket > 0 && elsewhere.length > 0)
    for (const id of await deps.tables.ids.find(conversationId, elsewhere)) stored.set(keyOf(id), id)
`,
    replace: `  const early = await deps.tables.ids.find(conversationId, keys)
  const current = await currentBucket(deps, conversationId, keys)
  const stored = new Map([...early, ...(current?.ids ?? [])].map((id) => [keyOf(id), id]))
`,
    test: 'packages/partitioned-log/src/known-ids.test.ts',
  },
  {
    name: 'hint-trusted',
    breaks: 'a bucket is taken for the last because a hint says so',
    file: `${log}current-bucket.ts`,
    find: 'if (state && !isFull) break',
    replace: 'if (state) break',
  },
  {
    name: 'batch-crosses-a-bucket',
    breaks: 'L2: entries of the next bucket are written into this one',
    file: `${log}append.ts`,
    find: 'if (entries.length > room) return',
    replace: 'if (entries.length > limits.appendEntriesMax) return',
  },
  {
    name: 'bucket-known-before-the-answer',
    breaks: 'L3: what is known of a bucket advances on an append that was never answered',
    file: `${log}append.ts`,
    find: send,
    replace: `  recent.put(conversationId, { head, ids: new Set([...bucket.ids, ...ids.map(keyOf)]) })
${send}`,
  },
  {
    name: 'amendment-written-after-the-append',
    breaks: 'L2: a crash leaves an amendment that no page of its target has',
    file: `${log}append.ts`,
    find: putAmendments + mark + giveUp + send,
    replace: mark + giveUp + send + putAmendments,
  },
  {
    // Who folds takes the amendments of each target by itself, so nobody is shown it.
    name: 'orphan-amendment-believed',
    breaks: 'L2: whatever stands at the seq of an amendment amends',
    file: `${log}amendments-of.ts`,
    find: '.filter(({ messageId }) => told.has(messageId))',
    replace: '.filter(() => told.size > 0)',
    test: 'packages/partitioned-log/src/amendments-of.test.ts',
  },
  {
    // Whatever is acked has a row of its own, so the simulation loses only what nobody was told of.
    name: 'activity-written-after-the-append',
    breaks: 'L4: what a dead node has appended is announced to nobody',
    file: `${log}append.ts`,
    find: readBucket + lookUp + tellKnown + place + putAmendments + mark + giveUp + send,
    replace: withoutMark(readBucket) + lookUp + tellKnown + place + putAmendments + giveUp + send,
    test: rows,
  },
  {
    name: 'append-sent-in-a-later-minute',
    breaks: 'L4: an append lands in a minute that the stream has left behind',
    file: `${log}append.ts`,
    find: putAmendments + mark,
    replace: putAmendments,
    test: rows,
  },
  {
    name: 'append-sent-when-its-caller-is-gone',
    breaks: 'an append has no end: it may land after any time',
    file: `${log}append.ts`,
    find: 'if (clock.now() - begun > limits.appendTimeoutMs)',
    replace: 'if (clock.now() - begun > Number.MAX_SAFE_INTEGER)',
    test: rows,
  },
  {
    name: 'known-id-told-without-a-row',
    breaks: 'L4: a retry is acked, and the entry, which landed late, is announced to nobody',
    file: `${log}append.ts`,
    find: readBucket + lookUp + tellKnown,
    replace: withoutMark(readBucket) + lookUp + withoutMark(tellKnown),
    test: rows,
  },
  {
    name: 'found-id-told-without-a-row',
    breaks: 'L4: the same, where the id was found by a search',
    file: `${log}find-ids.ts`,
    find: 'if (stored.size > 0) await',
    replace: 'if (stored.size > keys.length) await',
    test: rows,
  },
  {
    name: 'late-verdict-told-without-a-row',
    breaks: 'L4: an append that lands late is acked, and announced to nobody',
    file: `${log}append.ts`,
    find: `  await activity.mark(conversationId)
  return { verdict: 'appended', head }`,
    replace: `  return { verdict: 'appended', head }`,
    test: rows,
  },
  {
    name: 'minute-left-behind-too-early',
    breaks: 'L1: what lands in a minute that is over is announced to nobody',
    file: `${log}event-stream.ts`,
    find: 'minuteOf(now - limits.markSlackMs)',
    replace: 'minuteOf(now)',
    test: 'packages/partitioned-log/src/event-stream.test.ts',
  },
  {
    name: 'stream-confirms-by-itself',
    breaks: 'L1: what a consumer was told is behind it before it has done anything with it',
    file: `${log}event-stream.ts`,
    find: '    if (met.length > 0) return {',
    replace: '    if (entries.length > 0) await places.store(consumer, leftBehind(upTo), seqs)\n    if (met.length > 0) return {',
    test: 'packages/partitioned-log/src/conformance.test.ts',
  },
  {
    name: 'stream-fills-no-gap',
    breaks: 'L1: a consumer is told the last entry of a conversation, and not those before it',
    file: `${log}event-stream.ts`,
    find: '    const from = (done[nth] ?? 0) + 1\n    const to = (await currentBucket(deps, conversationId))?.head.seq ?? 0\n',
    replace:
      '    const to = (await currentBucket(deps, conversationId))?.head.seq ?? 0\n    const from = Math.max((done[nth] ?? 0) + 1, to)\n',
  },
]
