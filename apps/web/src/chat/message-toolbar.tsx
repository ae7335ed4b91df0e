import type { ConversationRow, TimelineItem } from '@godwit/client'
import { Popover } from 'radix-ui'
import { useState } from 'react'
import { EmojiPicker } from '../compose/emoji-picker.tsx'
import { t } from '../i18n.ts'
import { IconButton } from '../ui/icon-button.tsx'
import { Menu, MenuEmoji, MenuItem, MenuSeparator } from '../ui/menu.tsx'
import { useToast } from '../ui/toast.tsx'
import { isSettled, type MessageActions } from './message-actions.ts'

interface MessageToolbarProps {
  readonly item: TimelineItem
  readonly summary: ConversationRow
  readonly actions: MessageActions
  readonly menu: boolean
  readonly onMenu: (open: boolean) => void
}

const quick = ['👍', '❤️', '😂', '🎉', '😮', '🙏'] as const

/** What can be done to a message: beside it on hover and focus; after touch and hold its menu. */
export function MessageToolbar({ item, summary, actions, menu, onMenu }: MessageToolbarProps) {
  const toast = useToast()
  const settled = isSettled(item)
  const writable = summary.role !== null
  const mayDelete = writable && (item.mine || summary.role === 'owner' || summary.role === 'admin')
  const copy = () => {
    if (item.content.kind !== 'message') return
    void navigator.clipboard.writeText(item.content.text).then(() => toast(t('chat.copied')))
  }
  const copyLink = () => {
    void navigator.clipboard.writeText(`${location.origin}/c/${summary.conversationId}/${item.seq}`).then(() => toast(t('chat.linkCopied')))
  }
  return (
    <div className="toolbar" data-menu={menu || undefined}>
      {settled && writable ? (
        <>
          <ReactButton item={item} actions={actions} />
          <IconButton icon="reply" size={18} label={t('chat.reply')} onClick={() => actions.reply(item)} />
        </>
      ) : null}
      <Menu
        label={t('chat.actions')}
        open={menu}
        onOpenChange={onMenu}
        trigger={<IconButton icon="more" size={18} label={t('chat.actions')} />}
      >
        {settled && writable ? (
          <>
            <MenuEmoji emoji={quick} label={(emoji) => t('reaction.add', { emoji })} onPick={(emoji) => actions.react(item, emoji, true)} />
            <MenuItem icon="reply" onSelect={() => actions.reply(item)}>
              {t('chat.reply')}
            </MenuItem>
            {item.mine ? (
              <MenuItem icon="edit" onSelect={() => actions.edit(item)}>
                {t('chat.edit')}
              </MenuItem>
            ) : null}
          </>
        ) : null}
        <MenuItem icon="copy" onSelect={copy}>
          {t('chat.copy')}
        </MenuItem>
        {settled ? (
          <MenuItem icon="link" onSelect={copyLink}>
            {t('chat.copyLink')}
          </MenuItem>
        ) : null}
        {settled && item.mine && summary.kind === 'group' ? (
          <MenuItem icon="eye" onSelect={() => actions.showReceipts(item)}>
            {t('chat.readBy')}
          </MenuItem>
        ) : null}
        {settled && mayDelete ? (
          <>
            <MenuSeparator />
            <MenuItem icon="trash" danger onSelect={() => actions.remove(item)}>
              {t('chat.delete')}
            </MenuItem>
          </>
        ) : null}
      </Menu>
    </div>
  )
}

function ReactButton({ item, actions }: { readonly item: TimelineItem; readonly actions: MessageActions }) {
  const [open, setOpen] = useState(false)
  const [all, setAll] = useState(false)
  const react = (emoji: string) => {
    actions.react(item, emoji, true)
    setOpen(false)
  }
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next)
        setAll(false)
      }}
    >
      <Popover.Trigger asChild>
        <IconButton icon="smile" size={18} label={t('chat.react')} />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="popover" side="top" sideOffset={6} collisionPadding={8} aria-label={t('chat.react')}>
          {all ? (
            <EmojiPicker onPick={react} />
          ) : (
            <div className="quick-reactions">
              {quick.map((emoji) => (
                <button
                  key={emoji}
                  type="button"
                  className="emoji-cell"
                  aria-label={t('reaction.add', { emoji })}
                  onClick={() => react(emoji)}
                >
                  {emoji}
                </button>
              ))}
              <IconButton icon="compose" size={18} label={t('chat.moreEmoji')} onClick={() => setAll(true)} />
            </div>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}
