import {
  EmojiPicker,
  type EmojiPickerListCategoryHeaderProps,
  type EmojiPickerListEmojiProps,
  type EmojiPickerListRowProps,
} from 'frimousse'
import { t } from '../i18n.ts'

/** The data is served from our own origin: vite.config.ts puts it under /emoji. */
export function EmojiGrid({ onPick }: { readonly onPick: (emoji: string) => void }) {
  return (
    <EmojiPicker.Root className="emoji-picker" emojibaseUrl="/emoji" columns={9} onEmojiSelect={({ emoji }) => onPick(emoji)}>
      <EmojiPicker.Search className="emoji-search" aria-label={t('emoji.search')} placeholder={t('emoji.search')} autoFocus />
      <EmojiPicker.Viewport className="emoji-viewport">
        <EmojiPicker.Loading className="emoji-note">{t('common.loading')}</EmojiPicker.Loading>
        <EmojiPicker.Empty className="emoji-note">{t('emoji.none')}</EmojiPicker.Empty>
        <EmojiPicker.List components={parts} />
      </EmojiPicker.Viewport>
    </EmojiPicker.Root>
  )
}

const parts = { CategoryHeader, Row, Emoji }

function CategoryHeader({ category, ...props }: EmojiPickerListCategoryHeaderProps) {
  return (
    <div className="emoji-header" {...props}>
      {category.label}
    </div>
  )
}

function Row({ children, ...props }: EmojiPickerListRowProps) {
  return (
    <div className="emoji-row" {...props}>
      {children}
    </div>
  )
}

function Emoji({ emoji, ...props }: EmojiPickerListEmojiProps) {
  return (
    <button type="button" className="emoji-cell" data-active={emoji.isActive || undefined} aria-label={emoji.label} {...props}>
      {emoji.emoji}
    </button>
  )
}
