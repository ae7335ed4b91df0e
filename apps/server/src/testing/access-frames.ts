/** The rows of the access matrix for frames: what each actor may do with each, over WebSocket and long poll (T7). */
import type { ErrorCode } from '@godwit/protocol/errors.ts'
import type { UpFrame } from '@godwit/protocol/up.ts'
import { type Actor, conversationOf, tokenOf, type World } from './access-world.ts'
import type { LiveClient } from './live-client.ts'

/** `silent`: neither refused nor anything to be heard of it. */
export type Outcome = 'ok' | 'silent' | ErrorCode
export type Expected = Readonly<Record<Actor, Outcome>>

export interface FrameCase {
  readonly what: string
  readonly frame: (world: World, actor: Actor) => object
  /** Arrives when it was done: on the actor's own session, or on one of the owner's that watches both conversations. */
  readonly sign?: (heard: { own: LiveClient; owner: LiveClient; from: number; ownerFrom: number; actor: Actor }) => Promise<unknown>
  /** The session has greeted but not resumed. */
  readonly isFresh?: boolean
  readonly expected: Expected
}

export const groupMembers = (outcome: Outcome, others: Partial<Expected> = {}): Expected => ({
  owner: outcome,
  admin: outcome,
  member: outcome,
  former: 'FORBIDDEN',
  outsider: 'FORBIDDEN',
  blocked: 'FORBIDDEN',
  none: 'HELLO_FIRST',
  ...others,
})
const signedIn = (outcome: Outcome, others: Partial<Expected> = {}): Expected =>
  groupMembers(outcome, { former: outcome, outsider: outcome, blocked: outcome, ...others })

const acked: FrameCase['sign'] = ({ own, from }) => own.next('ack', from)
const command = (world: World, actor: Actor, what: string) => ({
  to: conversationOf(world, actor),
  clientMsgId: `${what}-${actor}-${world.id}`,
})
const othersSeq = (world: World, actor: Actor) => (actor === 'owner' ? world.ownSeq.admin : actor === 'blocked' ? 1 : world.during)

const message = (world: World, actor: Actor) => ({ type: 'message', ...command(world, actor, 'message'), text: 'Darf ich hier? 🦭' })
const reaction = (world: World, actor: Actor) => ({
  type: 'reaction',
  ...command(world, actor, 'reaction'),
  target: othersSeq(world, actor),
  emoji: '🐚',
  on: true,
})

export const frameRows: Readonly<Record<UpFrame['type'], readonly FrameCase[]>> = {
  hello: [
    {
      what: 'again, as somebody else',
      frame: (world, actor) => ({ type: 'hello', token: actor === 'none' ? 'eyJhbGciOiJub25lIn0.e30.' : world.who.owner.token }),
      expected: signedIn('ALREADY_GREETED', { none: 'UNAUTHENTICATED' }),
    },
  ],
  resume: [
    {
      what: 'from nothing',
      frame: () => ({ type: 'resume', epoch: null, mark: null }),
      sign: ({ own, from }) => own.next('resumed', from),
      isFresh: true,
      expected: signedIn('ok'),
    },
    {
      what: 'with cursors of a conversation that may be another’s',
      frame: ({ group, head }) => ({ type: 'resume', epoch: null, mark: null, reads: [{ conversationId: group, seq: head }] }),
      sign: ({ own, from }) => own.next('resumed', from),
      isFresh: true,
      expected: signedIn('ok'),
    },
  ],
  message: [
    { what: 'to the conversation', frame: message, sign: acked, expected: groupMembers('ok') },
    {
      what: 'in reply to what came before one joined',
      frame: (world, actor) => ({ ...message(world, actor), replyTo: world.early }),
      sign: acked,
      expected: groupMembers('ok', { member: 'FORBIDDEN' }),
    },
    {
      what: 'to a conversation that does not exist',
      frame: (world, actor) => ({ ...message(world, actor), to: 'c_00nowhere' }),
      expected: signedIn('FORBIDDEN'),
    },
  ],
  edit: [
    {
      what: 'of one’s own',
      frame: (world, actor) => ({ type: 'edit', ...command(world, actor, 'edit'), target: world.ownSeq[actor], text: 'übermalt' }),
      sign: acked,
      expected: groupMembers('ok'),
    },
    {
      what: 'of another’s',
      frame: (world, actor) => ({ type: 'edit', ...command(world, actor, 'edit'), target: othersSeq(world, actor), text: 'übermalt' }),
      expected: groupMembers('FORBIDDEN'),
    },
  ],
  delete: [
    {
      what: 'of one’s own',
      frame: (world, actor) => ({ type: 'delete', ...command(world, actor, 'delete'), target: world.ownSeq[actor] }),
      sign: acked,
      expected: groupMembers('ok', { blocked: 'ok' }),
    },
    {
      what: 'of another’s',
      frame: (world, actor) => ({ type: 'delete', ...command(world, actor, 'delete'), target: othersSeq(world, actor) }),
      sign: acked,
      expected: groupMembers('ok', { member: 'FORBIDDEN' }),
    },
  ],
  reaction: [
    { what: 'to another’s', frame: reaction, sign: acked, expected: groupMembers('ok') },
    {
      what: 'to what came before one joined',
      frame: (world, actor) => ({ ...reaction(world, actor), target: world.early }),
      sign: acked,
      expected: groupMembers('ok', { member: 'FORBIDDEN' }),
    },
  ],
  batch: [
    {
      what: 'of a message and a reaction',
      frame: (world, actor) => ({ type: 'batch', frames: [message(world, actor), reaction(world, actor)] }),
      sign: acked,
      expected: groupMembers('ok'),
    },
  ],
  ack: [
    {
      what: 'read, to where the conversation begins',
      frame: (world, actor) => ({ type: 'ack', conversationId: conversationOf(world, actor), seq: 1, status: 'read' }),
      sign: ({ own, from }) => own.next('read', from),
      expected: groupMembers('ok', { former: 'ok', blocked: 'ok' }),
    },
    {
      what: 'delivered, beyond one’s own stay',
      frame: ({ group, head }) => ({ type: 'ack', conversationId: group, seq: head + 1_000, status: 'delivered' }),
      expected: groupMembers('CURSOR_AHEAD', { former: 'CURSOR_AHEAD' }),
    },
    {
      what: 'read, to the head of the group',
      frame: ({ group, head }) => ({ type: 'ack', conversationId: group, seq: head, status: 'read' }),
      sign: ({ own, from }) => own.next('read', from),
      expected: groupMembers('ok', { former: 'CURSOR_AHEAD' }),
    },
  ],
  typing: [
    {
      what: 'seen by the owner',
      frame: (world, actor) => ({ type: 'typing', conversationId: conversationOf(world, actor) }),
      sign: ({ owner, ownerFrom, actor }) =>
        actor === 'owner' ? new Promise(() => {}) : owner.next('typing', ownerFrom, ({ userId }) => userId.startsWith(`u_${actor}`)),
      expected: groupMembers('ok', { owner: 'silent', blocked: 'silent' }),
    },
  ],
  watch: [
    {
      what: 'a conversation',
      frame: (world, actor) => ({ type: 'watch', conversations: [conversationOf(world, actor)] }),
      sign: ({ own, from }) => own.next('receipts', from),
      expected: groupMembers('ok', { blocked: 'silent' }),
    },
    {
      what: 'the owner',
      frame: ({ who }, actor) => ({ type: 'watch', conversations: [], users: [actor === 'owner' ? who.admin.userId : who.owner.userId] }),
      sign: ({ own, from }) => own.next('presence', from),
      expected: groupMembers('ok', { former: 'silent', outsider: 'silent', blocked: 'silent' }),
    },
    {
      what: 'before resume',
      frame: (world, actor) => ({ type: 'watch', conversations: [conversationOf(world, actor)] }),
      isFresh: true,
      expected: signedIn('BAD_REQUEST'),
    },
  ],
  activity: [{ what: 'of one’s own', frame: () => ({ type: 'activity', active: false }), expected: signedIn('silent') }],
  auth: [
    {
      what: 'with one’s own token',
      frame: (world, actor) => ({ type: 'auth', token: tokenOf(world, actor) ?? 'none' }),
      expected: signedIn('silent'),
    },
    {
      what: 'with the token of somebody else',
      frame: ({ late }) => ({ type: 'auth', token: late.token }),
      expected: signedIn('UNAUTHENTICATED'),
    },
  ],
  ping: [
    {
      what: 'for the heads since the beginning',
      frame: () => ({ type: 'ping', mark: '0' }),
      sign: ({ own, from }) => own.next('pong', from),
      expected: signedIn('ok'),
    },
  ],
}
