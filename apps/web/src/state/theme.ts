import { useEffect } from 'react'
import { useLocalSetting } from './local-setting.ts'

export type Theme = 'system' | 'light' | 'dark'

/** The chosen theme. public/theme.js applies the same setting before the first paint. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useLocalSetting<Theme>('theme', 'system')
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])
  return [theme, setTheme]
}
