import type { TimelineItem } from '@godwit/client'
import { t } from '../i18n.ts'
import { failureText } from './failure-text.ts'
import type { MessageActions } from './message-actions.ts'

/** A refused message: why, and what to do now. */
export function FailedNote({ item, actions }: { readonly item: TimelineItem; readonly actions: MessageActions }) {
  return (
    <div className="failed-note" role="alert">
      <span>{failureText(item.failure)}</span>
      <button type="button" onClick={() => actions.retry(item)}>
        {t('chat.retry')}
      </button>
      <button type="button" onClick={() => actions.discard(item)}>
        {t('chat.discard')}
      </button>
    </div>
  )
}
