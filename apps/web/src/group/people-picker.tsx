import type { UserProfile } from '@godwit/protocol/summary.ts'
import { type FormEvent, useMemo, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient, useLive } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { Avatar } from '../ui/avatar.tsx'
import { Field } from '../ui/field.tsx'
import { Icon } from '../ui/icon.tsx'

interface PeoplePickerProps {
  readonly label: string
  /** Not offered: already members. */
  readonly without: ReadonlySet<string>
  readonly chosen: readonly UserProfile[]
  readonly onToggle: (user: UserProfile) => void
  /** One click is the choice; nothing is ticked. */
  readonly single?: boolean
}

const recentMax = 30

/** People one talks with, and anybody else by their exact user name. */
export function PeoplePicker({ label, without, chosen, onToggle, single = false }: PeoplePickerProps) {
  const client = useClient()
  const rows = useLive(client.conversations)
  const profiles = useLive(client.profiles)
  const [name, setName] = useState('')
  const [note, setNote] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const recent = useMemo(() => {
    const wanted = name.trim().toLowerCase()
    const known = rows.flatMap((row) => (row.peerId === null ? [] : (profiles.get(row.peerId) ?? [])))
    return known
      .filter((user) => !without.has(user.userId) && !chosen.some((one) => one.userId === user.userId))
      .filter((user) => wanted === '' || user.name.includes(wanted) || user.displayName.toLowerCase().includes(wanted))
      .slice(0, recentMax)
  }, [rows, profiles, name, without, chosen])

  const find = async (event: FormEvent) => {
    event.preventDefault()
    const wanted = name.trim().replace(/^@/u, '').toLowerCase()
    if (wanted === '') return
    setBusy(true)
    setNote(null)
    try {
      const user = await client.findUser(wanted)
      if (user === null) setNote(t('people.nobody', { name: wanted }))
      else if (user.userId === client.userId) setNote(t('people.yourself'))
      else if (without.has(user.userId)) setNote(t('people.already', { name: user.displayName }))
      else {
        if (single || !chosen.some((one) => one.userId === user.userId)) onToggle(user)
        setName('')
      }
    } catch (error) {
      setNote(errorText(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <>
      <form className="people-find" onSubmit={find}>
        <Field
          label={label}
          hint={t('people.hint')}
          error={note ?? undefined}
          autoFocus
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          value={name}
          onChange={(event) => {
            setName(event.target.value)
            setNote(null)
          }}
        />
        <button type="submit" className="button button-primary" disabled={busy || name.trim() === ''}>
          {t('people.find')}
        </button>
      </form>
      {chosen.length > 0 ? (
        <ul className="chips" aria-label={t('people.chosen')}>
          {chosen.map((user) => (
            <li key={user.userId}>
              <button
                type="button"
                className="chip"
                aria-label={t('people.unchoose', { name: user.displayName })}
                onClick={() => onToggle(user)}
              >
                <span dir="auto">{user.displayName}</span>
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {recent.length > 0 ? (
        <section>
          <h3 className="label">{t('people.recent')}</h3>
          <ul className="people">
            {recent.map((user) => (
              <li key={user.userId}>
                <button type="button" className="person" onClick={() => onToggle(user)}>
                  <Avatar id={user.userId} name={user.displayName} size="small" />
                  <span className="truncate" dir="auto">
                    {user.displayName}
                  </span>
                  <span className="mention-name">@{user.name}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
    </>
  )
}
