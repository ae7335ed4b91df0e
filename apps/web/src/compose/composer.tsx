import type { Conversation, ConversationRow, TimelineItem } from '@godwit/client'
import { limits } from '@godwit/protocol/limits.ts'
import { Popover } from 'radix-ui'
import { type KeyboardEvent, useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { t } from '../i18n.ts'
import { useTouch } from '../state/use-media.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { useToast } from '../ui/toast.tsx'
import { ComposerBanner } from './composer-banner.tsx'
import { EmojiPicker } from './emoji-picker.tsx'
import { MentionList } from './mention-list.tsx'
import { mentionedIn } from './mentions.ts'
import { useDraft } from './use-draft.ts'
import { useMentions } from './use-mentions.ts'

export interface ComposerTask {
  readonly type: 'reply' | 'edit'
  readonly item: TimelineItem
}

interface ComposerProps {
  readonly conversation: Conversation
  readonly row: ConversationRow
  /** What the list asked for; a new object starts it. */
  readonly task: ComposerTask | null
  /** The newest own message, for the Up arrow. */
  readonly lastOwn: () => TimelineItem | null
}

const utf8 = new TextEncoder()
const heightMaxPx = 200

/** Where messages are written. Its text lives here, so that typing never paints the history. */
export function Composer({ conversation, row, task, lastOwn }: ComposerProps) {
  const { text, setText, replyTo, editing, startReply, startEdit, cancel, clear } = useDraft(conversation)
  const area = useRef<HTMLTextAreaElement>(null)
  const [emoji, setEmoji] = useState(false)
  const toast = useToast()
  const touch = useTouch()
  const listId = useId()
  const mentions = useMentions(conversation, row.kind === 'group', area, text, setText)
  const bytes = text.length * 3 < limits.textBytesMax ? 0 : utf8.encode(text).length
  const tooLong = bytes > limits.textBytesMax

  useEffect(() => {
    if (!touch) area.current?.focus()
  }, [touch])

  useEffect(() => {
    if (task === null || task.item.seq === null || task.item.content.kind !== 'message') return
    if (task.type === 'reply') startReply(task.item.seq)
    else startEdit(task.item.seq, task.item.content.text)
    area.current?.focus()
  }, [task, startReply, startEdit])

  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text
  useLayoutEffect(() => {
    const element = area.current
    if (element === null) return
    element.style.blockSize = 'auto'
    element.style.blockSize = `${Math.min(element.scrollHeight, heightMaxPx)}px`
  }, [text])

  const insert = useCallback(
    (piece: string) => {
      const element = area.current
      if (element === null) return
      const { selectionStart, selectionEnd, value } = element
      setText(value.slice(0, selectionStart) + piece + value.slice(selectionEnd))
      const caret = selectionStart + piece.length
      requestAnimationFrame(() => {
        element.focus()
        element.setSelectionRange(caret, caret)
      })
    },
    [setText],
  )

  const submit = () => {
    const body = text.trim()
    if (body === '') return
    if (tooLong) {
      toast(t('compose.tooLong', { kib: limits.textBytesMax / 1024 }))
      return
    }
    const mentioned = mentionedIn(body, mentions.members)
    if (editing !== null) conversation.edit(editing, body, mentioned)
    else
      conversation.send({ text: body, ...(replyTo === null ? {} : { replyTo }), ...(mentioned.length > 0 ? { mentions: mentioned } : {}) })
    conversation.setTyping(false)
    clear()
    area.current?.focus()
  }

  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // An Enter that ends an input method's composition belongs to the input method; Safari marks it with 229 only.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return
    if (mentions.onKeyDown(event)) return
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !(touch && !event.ctrlKey && !event.metaKey)) {
      event.preventDefault()
      submit()
    } else if (event.key === 'Escape' && (replyTo !== null || editing !== null)) {
      event.preventDefault()
      event.stopPropagation()
      cancel()
    } else if (event.key === 'ArrowUp' && text === '' && editing === null) {
      const item = lastOwn()
      if (item?.seq == null || item.content.kind !== 'message') return
      event.preventDefault()
      startEdit(item.seq, item.content.text)
    }
  }

  return (
    <div className="composer">
      <div className="composer-column">
        {mentions.open ? <MentionList id={listId} members={mentions.found} active={mentions.active} onPick={mentions.pick} /> : null}
        {replyTo !== null || editing !== null ? (
          <ComposerBanner conversation={conversation} seq={(editing ?? replyTo) as number} editing={editing !== null} onCancel={cancel} />
        ) : null}
        <form
          className="composer-box"
          onSubmit={(event) => {
            event.preventDefault()
            submit()
          }}
        >
          <Popover.Root open={emoji} onOpenChange={setEmoji}>
            <Popover.Trigger asChild>
              <IconButton icon="smile" size={22} label={t('compose.emoji')} />
            </Popover.Trigger>
            <Popover.Portal>
              <Popover.Content
                className="popover"
                side="top"
                align="start"
                sideOffset={10}
                collisionPadding={8}
                aria-label={t('compose.emoji')}
                onCloseAutoFocus={(event) => {
                  event.preventDefault()
                  area.current?.focus()
                }}
              >
                <EmojiPicker onPick={insert} />
              </Popover.Content>
            </Popover.Portal>
          </Popover.Root>
          <textarea
            ref={area}
            rows={1}
            dir="auto"
            value={text}
            placeholder={t('compose.placeholder')}
            aria-label={t('compose.label', { name: row.title })}
            aria-autocomplete={row.kind === 'group' ? 'list' : undefined}
            aria-haspopup={row.kind === 'group' ? 'listbox' : undefined}
            aria-controls={mentions.open ? listId : undefined}
            aria-activedescendant={mentions.open ? `${listId}-${mentions.active}` : undefined}
            aria-invalid={tooLong || undefined}
            enterKeyHint={touch ? 'enter' : 'send'}
            onChange={(event) => {
              setText(event.target.value)
              conversation.setTyping(event.target.value !== '')
            }}
            onSelect={mentions.onSelect}
            onKeyDown={onKeyDown}
            onBlur={mentions.close}
          />
          {bytes > limits.textBytesMax * 0.8 ? (
            <span className="composer-count tabular" data-over={tooLong || undefined}>
              {t('compose.count', { used: (bytes / 1024).toFixed(1), kib: limits.textBytesMax / 1024 })}
            </span>
          ) : null}
          <button
            type="submit"
            className="composer-send"
            aria-label={t(editing === null ? 'compose.send' : 'compose.save')}
            title={t(editing === null ? 'compose.send' : 'compose.save')}
            disabled={text.trim() === '' || tooLong}
          >
            <SendShape editing={editing !== null} />
          </button>
        </form>
      </div>
    </div>
  )
}

function SendShape({ editing }: { readonly editing: boolean }) {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={editing ? 'M5 12.500l4.500 4.500L19 7.500' : 'M12 19V5M6 11l6-6 6 6'} />
    </svg>
  )
}
