import { useCallback, useState } from 'react'

/** A setting of this device, in localStorage; where that is blocked it lasts as long as the page. */
export function useLocalSetting<T extends string>(key: string, fallback: T): readonly [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => readLocal(key, fallback))
  const set = useCallback(
    (next: T) => {
      setValue(next)
      writeLocal(key, next)
    },
    [key],
  )
  return [value, set]
}

export function readLocal<T extends string>(key: string, fallback: T): T {
  try {
    return (localStorage.getItem(`godwit.${key}`) as T | null) ?? fallback
  } catch {
    return fallback
  }
}

function writeLocal(key: string, value: string): void {
  try {
    localStorage.setItem(`godwit.${key}`, value)
  } catch {
    // The setting lasts as long as the page.
  }
}
