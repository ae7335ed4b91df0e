import type { Conversation, ConversationRow, MemberProfile } from '@godwit/client'
import type { ConversationId, UserId } from '@godwit/protocol/ids.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { useCallback, useEffect, useState } from 'react'
import { t } from '../i18n.ts'
import { useClient } from '../state/client.tsx'
import { errorText } from '../state/error-text.ts'
import { Icon } from '../ui/icon.tsx'
import { Switch } from '../ui/switch.tsx'
import { useToast } from '../ui/toast.tsx'
import { AddMembersDialog } from './add-members-dialog.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { MemberRow } from './member-row.tsx'

interface GroupDetailsProps {
  readonly conversation: Conversation
  readonly row: ConversationRow
  readonly onLeft: () => void
  readonly onOpen: (id: ConversationId) => void
}

/** Name, history setting and members of a group, and what one's role lets one do to them. */
export function GroupDetails({ conversation, row, onLeft, onOpen }: GroupDetailsProps) {
  const client = useClient()
  const toast = useToast()
  const [members, setMembers] = useState<readonly MemberProfile[]>([])
  const [name, setName] = useState<string | null>(null)
  const [dialog, setDialog] = useState<'add' | 'leave' | null>(null)
  const manages = row.role === 'owner' || row.role === 'admin'

  const reload = useCallback(() => {
    conversation.members().then(setMembers, (error: unknown) => toast(errorText(error)))
  }, [conversation, toast])
  // biome-ignore lint/correctness/useExhaustiveDependencies: every membership entry moves one of these
  useEffect(reload, [reload, row.memberCount, row.role])

  const attempt = async (change: Promise<void>) => {
    try {
      await change
      reload()
    } catch (error) {
      toast(errorText(error))
    }
  }
  const message = async (userId: UserId) => {
    try {
      onOpen((await client.openDirect(userId)).id)
    } catch (error) {
      toast(errorText(error))
    }
  }

  return (
    <>
      {manages ? (
        <section className="details-section">
          <form
            className="rename"
            onSubmit={(event) => {
              event.preventDefault()
              const next = name?.trim()
              if (next) void attempt(conversation.rename(next)).then(() => setName(null))
            }}
          >
            <label className="label" htmlFor="group-name">
              {t('group.name')}
            </label>
            <div className="rename-row">
              <input
                id="group-name"
                className="input"
                dir="auto"
                maxLength={limits.conversationNameCharsMax}
                value={name ?? row.title}
                onChange={(event) => setName(event.target.value)}
              />
              {name !== null && name.trim() !== '' && name !== row.title ? (
                <button type="submit" className="button button-primary">
                  {t('common.save')}
                </button>
              ) : null}
            </div>
          </form>
          <Switch
            label={t('group.historyOpen')}
            hint={t('group.historyHint')}
            checked={row.history === 'all'}
            onChange={(all) => void attempt(conversation.setHistory(all ? 'all' : 'joined'))}
          />
        </section>
      ) : null}
      <section className="details-section" aria-label={t('group.members')}>
        <div className="details-section-head">
          <h3 className="label">{t('chat.members', { count: row.memberCount })}</h3>
          {manages ? (
            <button type="button" className="button button-plain" onClick={() => setDialog('add')}>
              <Icon name="compose" size={16} />
              {t('group.add')}
            </button>
          ) : null}
        </div>
        <ul className="people">
          {members.map((member) => (
            <MemberRow
              key={member.userId}
              member={member}
              me={member.userId === client.userId}
              myRole={row.role}
              onMessage={() => void message(member.userId)}
              onRole={(role) => void attempt(conversation.setRole(member.userId, role))}
              onRemove={() => void attempt(conversation.removeMember(member.userId))}
            />
          ))}
        </ul>
      </section>
      {row.role === null ? null : (
        <section className="details-section">
          <button type="button" className="button button-danger button-wide" onClick={() => setDialog('leave')}>
            <Icon name="leave" size={18} />
            {t('group.leave')}
          </button>
        </section>
      )}
      {dialog === 'add' ? (
        <AddMembersDialog conversation={conversation} members={members} onClose={() => setDialog(null)} onAdded={reload} />
      ) : null}
      {dialog === 'leave' ? (
        <LeaveDialog conversation={conversation} name={row.title} onClose={() => setDialog(null)} onLeft={onLeft} />
      ) : null}
    </>
  )
}
