import { t } from '../i18n.ts'
import { type Theme, useTheme } from '../state/theme.ts'

const themes: readonly Theme[] = ['system', 'light', 'dark']

export function ThemeSetting() {
  const [theme, setTheme] = useTheme()
  return (
    <div className="segments" role="radiogroup" aria-label={t('settings.theme')}>
      {themes.map((one) => (
        // biome-ignore lint/a11y/useSemanticElements: a button looks the same in every browser
        <button key={one} type="button" role="radio" aria-checked={theme === one} onClick={() => setTheme(one)}>
          {t(`settings.theme.${one}`)}
        </button>
      ))}
    </div>
  )
}
