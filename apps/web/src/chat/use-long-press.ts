import { type PointerEvent, type TouchEvent, useRef } from 'react'

const pressMs = 450
const slackPx = 8

/** Touch and hold, where there is no hover. */
export function useLongPress(onPress: () => void) {
  const held = useRef<{ readonly timer: ReturnType<typeof setTimeout>; readonly x: number; readonly y: number } | null>(null)
  const pressed = useRef(false)
  const end = () => {
    if (held.current) clearTimeout(held.current.timer)
    held.current = null
  }
  return {
    onPointerDown: (event: PointerEvent) => {
      if (event.pointerType === 'mouse') return
      end()
      pressed.current = false
      const timer = setTimeout(() => {
        pressed.current = true
        onPress()
      }, pressMs)
      held.current = { timer, x: event.clientX, y: event.clientY }
    },
    onPointerMove: (event: PointerEvent) => {
      const { x, y } = held.current ?? { x: event.clientX, y: event.clientY }
      if (Math.hypot(event.clientX - x, event.clientY - y) > slackPx) end()
    },
    onPointerUp: end,
    onPointerCancel: end,
    // The mouse events that follow a touch would focus the message, and so close what has just opened.
    onTouchEnd: (event: TouchEvent) => {
      if (pressed.current) event.preventDefault()
      pressed.current = false
    },
  }
}
