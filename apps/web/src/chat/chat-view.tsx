import type { TimelineItem } from '@godwit/client'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { Composer, type ComposerTask } from '../compose/composer.tsx'
import { t } from '../i18n.ts'
import { useClient, useConversation, useLive } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { useToast } from '../ui/toast.tsx'
import { ChatHeader } from './chat-header.tsx'
import { ConfirmDelete } from './confirm-delete.tsx'
import { LiveLog } from './live-log.tsx'
import { isSettled, type MessageActions } from './message-actions.ts'
import { MessageList } from './message-list.tsx'
import type { Places } from './places.ts'
import { ReadByDialog } from './read-by-dialog.tsx'

/** Bubbles for few people, flat rows for many. */
const bubbleMembersMax = 32

interface ChatViewProps {
  readonly id: ConversationId
  readonly target: number | null
  readonly places: Places
  readonly detailsOpen: boolean
  readonly onDetails: () => void
  readonly onBack: () => void
}

/** One conversation: header, history, composer. Mounted anew for each. */
export function ChatView({ id, target, places, detailsOpen, onDetails, onBack }: ChatViewProps) {
  const client = useClient()
  const conversation = useConversation(id)
  const row = useLive(conversation.row)
  const connection = useLive(client.connection)
  const toast = useToast()
  const [task, setTask] = useState<ComposerTask | null>(null)
  const [deleting, setDeleting] = useState<TimelineItem | null>(null)
  const [receiptsOf, setReceiptsOf] = useState<TimelineItem | null>(null)

  useEffect(() => conversation.watch(), [conversation])

  const actions = useMemo<MessageActions>(() => {
    const failed = (error: unknown) => toast(errorText(error))
    return {
      reply: (item) => setTask({ type: 'reply', item }),
      edit: (item) => setTask({ type: 'edit', item }),
      remove: setDeleting,
      react: (item, emoji, on) => {
        if (item.seq !== null) conversation.react(item.seq, emoji, on).acked.catch(failed)
      },
      retry: (item) => conversation.retry(item.clientMsgId),
      discard: (item) => conversation.discard(item.clientMsgId),
      showReceipts: setReceiptsOf,
    }
  }, [conversation, toast])

  const lastOwn = useCallback(
    () => conversation.timeline.get().items.findLast((item) => item.mine && isSettled(item)) ?? null,
    [conversation],
  )

  if (row === null) {
    const syncing = connection.status !== 'online' || connection.syncing
    if (syncing) return <div className="pane-chat" aria-busy="true" />
    return (
      <div className="pane-chat">
        <EmptyState
          icon="search"
          title={t('chat.unknownTitle')}
          text={t('chat.unknownText')}
          action={t('chat.backToList')}
          onAction={onBack}
        />
      </div>
    )
  }
  const skin = row.kind === 'direct' || row.memberCount <= bubbleMembersMax ? 'bubble' : 'flat'
  return (
    <section className="pane-chat" aria-label={row.title}>
      <ChatHeader conversation={conversation} row={row} detailsOpen={detailsOpen} onDetails={onDetails} onBack={onBack} />
      <MessageList conversation={conversation} row={row} skin={skin} target={target} places={places} actions={actions} />
      {row.role === null ? (
        <p className="read-only">{t('chat.readOnly')}</p>
      ) : (
        <Composer conversation={conversation} row={row} task={task} lastOwn={lastOwn} />
      )}
      <LiveLog conversation={conversation} />
      {deleting ? (
        <ConfirmDelete
          mine={deleting.mine}
          onClose={() => setDeleting(null)}
          onConfirm={() => {
            if (deleting.seq !== null) conversation.delete(deleting.seq).acked.catch((error: unknown) => toast(errorText(error)))
            setDeleting(null)
          }}
        />
      ) : null}
      {receiptsOf && receiptsOf.seq !== null ? (
        <ReadByDialog conversation={conversation} seq={receiptsOf.seq} onClose={() => setReceiptsOf(null)} />
      ) : null}
    </section>
  )
}
