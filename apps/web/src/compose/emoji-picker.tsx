import { lazy, Suspense } from 'react'

const EmojiGrid = lazy(async () => ({ default: (await import('./emoji-grid.tsx')).EmojiGrid }))

/** All emoji, loaded when they are first wanted. */
export function EmojiPicker({ onPick }: { readonly onPick: (emoji: string) => void }) {
  return (
    <Suspense fallback={<div className="emoji-picker" />}>
      <EmojiGrid onPick={onPick} />
    </Suspense>
  )
}
