import { useCallback, useSyncExternalStore } from 'react'

/** Whether a media query matches now. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}

/** One pane at a time, as on a phone. */
export const usePhone = (): boolean => useMedia('(max-width: 767px)')
/** Room for the details beside the conversation. */
export const useWide = (): boolean => useMedia('(min-width: 1280px)')
/** Fingers, not a mouse: Enter breaks the line, as on-screen keyboards have it. */
export const useTouch = (): boolean => useMedia('(pointer: coarse)')
