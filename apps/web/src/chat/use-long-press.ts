import { type PointerEvent, useRef } from 'react'

const pressMs = 450
const slackPx = 8

/** Touch and hold, where there is no hover. */
export function useLongPress(onPress: () => void) {
  const held = useRef<{ readonly timer: ReturnType<typeof setTimeout>; readonly x: number; readonly y: number } | null>(null)
  const end = () => {
    if (held.current) clearTimeout(held.current.timer)
    held.current = null
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType === 'mouse') return
      end()
      held.current = { timer: setTimeout(onPress, pressMs), x: event.clientX, y: event.clientY }
    },
    onPointerMove: (event: PointerEvent) => {
      const { x, y } = held.current ?? { x: event.clientX, y: event.clientY }
      if (Math.hypot(event.clientX - x, event.clientY - y) > slackPx) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
  }
}
