import type { Conversation, ConversationRow } from '@godwit/client'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient, useLive, useProfiles } from '../state/client.tsx'
import { hasAttention, useAttention } from '../state/use-attention.ts'
import { useNow } from '../state/use-now.ts'
import { dayName } from '../text/time.ts'
import { lastVisibleSeq } from './anchor.ts'
import { BeginningOf } from './beginning.tsx'
import { JumpPill } from './jump-pill.tsx'
import type { MessageActions } from './message-actions.ts'
import { MessageRow } from './message-row.tsx'
import { type Places, startGoal } from './places.ts'
import { buildRows } from './rows.ts'
import { useFeedKeys } from './use-feed-keys.ts'
import { type Goal, useScroll } from './use-scroll.ts'

interface MessageListProps {
  readonly conversation: Conversation
  readonly row: ConversationRow
  readonly skin: 'bubble' | 'flat'
  /** From the URL: the message to show, marked. */
  readonly target: number | null
  readonly places: Places
  readonly actions: MessageActions
}

/** The history: pages both ways, opens where reading goes on, and marks read what was seen. */
export function MessageList({ conversation, row, skin, target, places, actions }: MessageListProps) {
  const client = useClient()
  const state = useLive(conversation.timeline)
  const receipts = useLive(conversation.groupReceipts)
  const now = useNow()
  const attention = useAttention()
  const [start] = useState<Goal>(() => startGoal(row, target, places.get(row.conversationId)))
  // Frozen while the conversation is open: reading on must not move it.
  const [unreadFrom] = useState(() => (row.unread > 0 ? row.read + 1 : null))
  const rows = useMemo(() => buildRows(state.items, unreadFrom), [state.items, unreadFrom])
  const [flash, setFlash] = useState(target)
  const [topDay, setTopDay] = useState<number | null>(null)

  const onOlder = useCallback(() => void conversation.timeline.loadOlder(), [conversation])
  const onNewer = useCallback(() => void conversation.timeline.loadNewer(), [conversation])
  const onView = useCallback(
    (element: HTMLElement) => {
      setTopDay(firstVisibleDay(element))
      if (!hasAttention()) return
      const seq = lastVisibleSeq(element)
      if (seq > 0) conversation.markRead(seq)
    },
    [conversation],
  )
  const { scroller, slice, away, onScroll, go, place } = useScroll({ rows, state, start, onOlder, onNewer, onView })

  useEffect(() => {
    if (attention && scroller.current !== null) onView(scroller.current)
  }, [attention, onView, scroller])

  const retry = useCallback(() => {
    const { error, hasOlder } = conversation.timeline.get()
    if (error !== null) void (hasOlder ? conversation.timeline.loadOlder() : conversation.timeline.loadNewer())
  }, [conversation])
  useEffect(() => client.on('synced', retry), [client, retry])

  const leave = useRef(place)
  leave.current = place
  useEffect(() => {
    return () => {
      places.set(conversation.id, leave.current())
    }
  }, [conversation, places])

  const jumpTo = useCallback(
    (seq: number) => {
      setFlash(seq)
      go({ to: 'seq', seq, at: 'centre' })
      const { items } = conversation.timeline.get()
      if (!items.some((item) => item.seq === seq)) void conversation.timeline.jumpTo(seq)
    },
    [conversation, go],
  )
  const first = useRef(true)
  useEffect(() => {
    if (start.to === 'seq' && first.current) {
      const { items } = conversation.timeline.get()
      const { seq } = start
      if (!items.some((item) => item.seq !== null && item.seq < seq) && seq > row.first) void conversation.timeline.jumpTo(seq)
    } else if (start.to === 'end' && first.current) {
      if (conversation.timeline.get().hasNewer) void conversation.timeline.toPresent()
    } else if (!first.current && target !== null) jumpTo(target)
    first.current = false
  }, [conversation, target, start, jumpTo, row.first])

  const toEnd = useCallback(() => {
    go({ to: 'end' })
    if (conversation.timeline.get().hasNewer) void conversation.timeline.toPresent()
  }, [conversation, go])

  // Own messages show themselves, wherever one was reading.
  const lastOwn = state.items.findLast((item) => item.mine && item.seq === null)?.key ?? null
  const seenOwn = useRef(lastOwn)
  useEffect(() => {
    if (lastOwn !== null && lastOwn !== seenOwn.current) toEnd()
    seenOwn.current = lastOwn
  }, [lastOwn, toEnd])

  const shown = rows.slice(slice.from, slice.to)
  useProfiles(useMemo(() => [...new Set(shown.map(({ item }) => item.senderId))], [shown]))
  const feed = useFeedKeys(shown, scroller)
  const beginning = slice.from === 0 && !state.hasOlder && state.loading !== 'jump'

  return (
    <div className="history">
      {topDay !== null && away ? (
        <div className="floating-day" aria-hidden="true">
          <span className="day-chip">{dayName(topDay, now)}</span>
        </div>
      ) : null}
      <div className="history-scroll scroll" ref={scroller} onScroll={onScroll} data-skin={skin}>
        <div
          className="history-column"
          role="feed"
          aria-label={t('chat.history')}
          aria-busy={state.loading !== null}
          aria-live="off"
          {...feed.props}
        >
          {beginning ? <BeginningOf row={row} /> : <div className="history-more" aria-hidden="true" />}
          {shown.map((one, i) => (
            <MessageRow
              key={one.item.key}
              row={one}
              conversation={conversation}
              summary={row}
              receipts={receipts}
              skin={skin}
              now={now}
              position={slice.from + i + 1}
              focusable={feed.isFocusable(one.item.key)}
              flash={flash !== null && one.item.seq === flash}
              actions={actions}
              onJump={jumpTo}
            />
          ))}
        </div>
      </div>
      {state.error ? (
        <button type="button" className="history-error" onClick={retry}>
          {t('chat.loadFailed')}
        </button>
      ) : null}
      <JumpPill shown={away && rows.length > 0} unread={row.unread} onJump={toEnd} />
    </div>
  )
}

function firstVisibleDay(scroller: HTMLElement): number | null {
  const top = scroller.getBoundingClientRect().top + 40
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-at]')) {
    if (row.getBoundingClientRect().bottom <= top) continue
    const before = row.previousElementSibling
    // The day stands above the row already.
    const isSaid = before?.classList.contains('day') === true && before.getBoundingClientRect().bottom > top
    return isSaid ? null : Number(row.dataset.at)
  }
  return null
}
