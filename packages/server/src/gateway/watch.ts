/** What is on a client's screen, and the state it starts from: presence of people, receipts of groups (L10). */
import type { DownFrame } from '@godwit/protocol/down.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import type { ConversationId } from '@godwit/protocol/ids.ts'
import type { UpFrameOf } from '@godwit/protocol/up.ts'
import type { Principal } from '../chat/chat.ts'
import { errorFrame } from './encode.ts'
import { nullIfRefused } from './null-if-refused.ts'
import type { Services } from './services.ts'
import type { Session } from './session.ts'

/**
 * Replaces what the session watches. A conversation that it may not watch is answered with FORBIDDEN and left out: one that the
 * user was just removed from must not blind the rest of the screen. Users who may not be seen are left out without a word.
 */
export async function watch(
  services: Services,
  session: Session,
  principal: Principal,
  frame: UpFrameOf<'watch'>,
): Promise<readonly DownFrame[]> {
  if (!session.isPushedTo) throw new GodwitError('BAD_REQUEST', 'resume before you watch')
  const { chat, hub, presence } = services
  const turn = session.nextWatch()
  const removals = hub.removalsOf(principal.userId)
  const { rechecks } = presence
  const allowed = new Set<ConversationId>()
  const refused: DownFrame[] = []
  const check = async (conversationId: ConversationId) => {
    try {
      await chat.currentMembers(principal, conversationId)
      allowed.add(conversationId)
    } catch (error) {
      if (!(error instanceof GodwitError)) throw error
      refused.push(errorFrame(error, { conversationId }))
    }
  }
  const [users] = await Promise.all([chat.visible(principal, frame.users ?? []), ...frame.conversations.map(check)])
  if (!session.isPushedTo || !session.isWatch(turn)) return refused
  // Removed from somewhere meanwhile: what was allowed may not be now.
  if (removals !== hub.removalsOf(principal.userId)) return watch(services, session, principal, frame)
  hub.watch(session, allowed)
  presence.watch(session, new Set(users))
  if (rechecks !== presence.rechecks) await presence.recheckFor(session)
  return [...refused, ...(await currentView(services, session, principal))]
}

/** An inactive client gets neither typing nor presence; when it is back, it gets what it has missed. */
export async function activity(
  services: Services,
  session: Session,
  principal: Principal,
  isActive: boolean,
): Promise<readonly DownFrame[]> {
  const isBack = isActive && !session.isActive
  session.isActive = isActive
  return isBack ? currentView(services, session, principal) : []
}

async function currentView({ chat, hub, presence }: Services, session: Session, principal: Principal): Promise<readonly DownFrame[]> {
  const [users, receipts] = await Promise.all([
    presence.now([...presence.watchedBy(session)]),
    Promise.all([...hub.watchedBy(session)].map((id) => chat.receiptsNow(principal, id).catch(nullIfRefused))),
  ])
  return [...(users.length > 0 ? [{ type: 'presence' as const, users: [...users] }] : []), ...receipts.filter((frame) => frame !== null)]
}
