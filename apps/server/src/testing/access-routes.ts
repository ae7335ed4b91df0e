/** The rows of the access matrix for the HTTP API: what each actor may do with each operation of the table of routes (T7). */
import { type FrameCase, frameRows, groupMembers, type Outcome } from './access-frames.ts'
import { type Actor, conversationOf, type World } from './access-world.ts'

interface RouteRequest {
  /** Values of `:name` in the path. */
  readonly params?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: object
}

export interface RouteCase {
  readonly what: string
  readonly request: (world: World, actor: Actor) => RouteRequest
  readonly expected: Readonly<Record<Actor, Outcome>>
  /** Throws when the answer to who was let in holds what it must not, or lacks what it must hold. */
  readonly check?: (answer: never, actor: Actor, world: World) => void
}

type Expected = RouteCase['expected']
const noToken = { none: 'UNAUTHENTICATED' } as const
const members = (outcome: Outcome, others: Partial<Expected> = {}) => groupMembers(outcome, { ...noToken, ...others })
const signedIn = (outcome: Outcome, others: Partial<Expected> = {}) =>
  members(outcome, { former: outcome, outsider: outcome, blocked: outcome, ...others })
const everyone = (outcome: Outcome) => signedIn(outcome, { none: outcome })
const admins = (outcome: Outcome, others: Partial<Expected> = {}) => members(outcome, { member: 'FORBIDDEN', ...others })

const one = (world: World, actor: Actor) => ({ conversationId: conversationOf(world, actor) })
const onVictim = (world: World, actor: Actor) => ({ conversationId: world.group, userId: world.victim[actor].userId })
const idOf = (world: World, actor: Actor, what = 'command') => `${what}-${actor}-${world.id}`
const bare = (expected: Expected): RouteCase => ({ what: 'of one’s own', request: () => ({}), expected })

/** Frames that append are requests too, with the same outcomes. */
const sends = (['message', 'edit', 'delete', 'reaction'] as const).flatMap((type) =>
  frameRows[type].map(
    ({ what, frame, expected }: FrameCase): RouteCase => ({
      what: `${type} ${what}`,
      request: (world, actor) => ({ body: frame(world, actor) }),
      expected: { ...expected, ...noToken },
    }),
  ),
)

const seqs = ({ entries }: { readonly entries: readonly { readonly seq: number }[] }) => entries.map(({ seq }) => seq)
const expectThat = (holds: boolean, what: string) => {
  if (!holds) throw new Error(what)
}

function page(what: string, query: (world: World) => string): RouteCase {
  return {
    what,
    request: (world, actor) => ({ params: one(world, actor), query: query(world) }),
    expected: members('ok', { former: 'ok', blocked: 'ok' }),
    check(answer: { entries: { seq: number }[]; head: number; first: number }, actor, world) {
      expectThat(
        seqs(answer).every((seq) => seq >= answer.first && seq <= answer.head),
        'an entry outside of what the page says one may see',
      )
      if (actor === 'former') expectThat(answer.first > world.early && answer.head < world.head - 4, 'a former member sees their stay')
      if (actor === 'member') expectThat(answer.first > world.early && answer.head === world.head, 'a late member sees from joining')
    },
  }
}

export const routeRows: Readonly<Record<string, readonly RouteCase[]>> = {
  register: [
    {
      what: 'as somebody new',
      request: (world, actor) => ({ body: { name: `new-${actor}-${world.id}`, password: 'eine Ente am Ufer' } }),
      expected: everyone('ok'),
    },
    {
      what: 'under a name that is taken',
      request: ({ who }) => ({ body: { name: who.owner.name.toUpperCase(), password: 'eine Ente am Ufer' } }),
      expected: everyone('NAME_TAKEN'),
    },
  ],
  login: [
    {
      what: 'as the owner, by a guess',
      request: ({ who }) => ({ body: { name: who.owner.name, password: 'Passwort1' } }),
      expected: everyone('BAD_CREDENTIALS'),
    },
  ],
  refresh: [
    {
      what: 'by a made-up token of the owner’s device',
      request: ({ who }) => ({ body: { refreshToken: `${who.owner.deviceId}.0.AAAA` } }),
      expected: everyone('UNAUTHENTICATED'),
    },
  ],
  logout: [bare(signedIn('ok'))],
  me: [
    {
      ...bare(signedIn('ok')),
      check: (answer: { userId: string }, actor) => expectThat(answer.userId.startsWith(`u_${actor}-`), 'own profile'),
    },
  ],
  changeMe: [{ what: 'name', request: () => ({ body: { displayName: 'Ärmelkanal 🌊' } }), expected: signedIn('ok') }],
  changePassword: [
    {
      what: 'without knowing it',
      request: () => ({ body: { password: 'Passwort1', newPassword: 'eine Ente am Ufer' } }),
      expected: signedIn('BAD_CREDENTIALS'),
    },
  ],
  devices: [
    {
      ...bare(signedIn('ok')),
      check: (answer: { devices: { deviceId: string }[] }, actor) =>
        expectThat(
          answer.devices.length === 2 && answer.devices.every(({ deviceId }) => deviceId.startsWith(`d_${actor}-`)),
          'own devices, and no others',
        ),
    },
  ],
  revokeDevice: [
    {
      what: 'of somebody else',
      request: ({ late }) => ({ params: { deviceId: late.deviceId } }),
      expected: signedIn('FORBIDDEN'),
    },
    {
      what: 'of one’s own',
      request: ({ who }, actor) => ({ params: { deviceId: who[actor === 'none' ? 'owner' : actor].spareDeviceId } }),
      expected: signedIn('ok'),
    },
  ],
  users: [
    { what: 'by name', request: ({ who }) => ({ query: `name=${who.owner.name}` }), expected: signedIn('ok') },
    { what: 'by id', request: ({ who }) => ({ query: `ids=${who.owner.userId}` }), expected: signedIn('ok') },
  ],
  presence: [
    {
      what: 'of the owner',
      request: ({ who }, actor) => ({ query: `ids=${actor === 'owner' ? who.admin.userId : who.owner.userId}` }),
      expected: signedIn('ok'),
      check: (answer: { users: unknown[] }, actor) =>
        expectThat(answer.users.length === (['owner', 'admin', 'member'].includes(actor) ? 1 : 0), 'only who shares a conversation'),
    },
  ],
  blocks: [
    {
      ...bare(signedIn('ok')),
      check: (answer: { users: unknown[] }, actor) => expectThat(answer.users.length === (actor === 'owner' ? 1 : 0), 'own blocks'),
    },
  ],
  block: [
    { what: 'somebody', request: ({ late }) => ({ params: { userId: late.userId } }), expected: signedIn('ok') },
    { what: 'nobody', request: () => ({ params: { userId: 'u_nobody' } }), expected: signedIn('FORBIDDEN') },
  ],
  unblock: [{ what: 'somebody', request: ({ late }) => ({ params: { userId: late.userId } }), expected: signedIn('ok') }],
  conversations: [
    {
      ...bare(signedIn('ok')),
      check: (answer: { conversations: unknown[] }, actor) =>
        expectThat(
          answer.conversations.length === { outsider: 0, owner: 2 }[actor as string] || !['outsider', 'owner'].includes(actor),
          'own',
        ),
    },
  ],
  openDirect: [
    { what: 'with somebody', request: ({ stranger }, actor) => ({ body: { userId: stranger[actor].userId } }), expected: signedIn('ok') },
    { what: 'with who has blocked one', request: ({ hermit }) => ({ body: { userId: hermit.userId } }), expected: signedIn('FORBIDDEN') },
    {
      what: 'that is there, with who has blocked one',
      request: ({ who }, actor) => ({ body: { userId: actor === 'owner' ? who.blocked.userId : who.owner.userId } }),
      expected: signedIn('ok'),
    },
  ],
  createGroup: [
    {
      what: 'with the owner',
      request: (world, actor) => ({ body: { clientMsgId: idOf(world, actor), name: 'Sandbank', members: [world.who.owner.userId] } }),
      expected: signedIn('ok', { blocked: 'FORBIDDEN' }),
    },
    {
      what: 'with who has blocked one',
      request: (world, actor) => ({ body: { clientMsgId: idOf(world, actor), name: 'Sandbank', members: [world.hermit.userId] } }),
      expected: signedIn('FORBIDDEN'),
    },
  ],
  conversation: [
    {
      what: 'row',
      request: (world, actor) => ({ params: one(world, actor) }),
      expected: members('ok', { former: 'ok', blocked: 'ok' }),
    },
  ],
  changeGroup: [
    {
      what: 'name',
      request: (world, actor) => ({ params: one(world, actor), body: { clientMsgId: idOf(world, actor), name: 'Priel' } }),
      expected: admins('ok'),
    },
    {
      what: 'history',
      request: (world, actor) => ({ params: one(world, actor), body: { clientMsgId: idOf(world, actor), history: 'all' } }),
      expected: admins('ok'),
    },
  ],
  setFlags: [
    {
      what: 'muted',
      request: (world, actor) => ({ params: one(world, actor), body: { muted: true } }),
      expected: members('ok', { former: 'ok', blocked: 'ok' }),
    },
  ],
  members: [{ what: 'with roles', request: (world, actor) => ({ params: one(world, actor) }), expected: members('ok', { blocked: 'ok' }) }],
  addMembers: [
    {
      what: 'somebody new',
      request: (world, actor) => ({
        params: one(world, actor),
        body: { clientMsgId: idOf(world, actor), members: [world.stranger[actor].userId] },
      }),
      expected: admins('ok'),
    },
    {
      what: 'oneself',
      request: (world, actor) => ({
        params: { conversationId: world.group },
        body: { clientMsgId: idOf(world, actor), members: [world.who[actor === 'none' ? 'outsider' : actor].userId] },
      }),
      expected: admins('BAD_REQUEST'),
    },
  ],
  removeMember: [
    {
      what: 'a plain one',
      request: (world, actor) => ({ params: onVictim(world, actor), query: `clientMsgId=${idOf(world, actor)}` }),
      expected: admins('ok'),
    },
    {
      what: 'the owner',
      request: (world, actor) => ({
        params: { conversationId: world.group, userId: world.who.owner.userId },
        query: `clientMsgId=${idOf(world, actor)}`,
      }),
      expected: members('FORBIDDEN', { owner: 'LAST_OWNER' }),
    },
    {
      what: 'oneself',
      request: (world, actor) => ({
        params: { ...one(world, actor), userId: world.who[actor === 'none' ? 'owner' : actor].userId },
        query: `clientMsgId=${idOf(world, actor)}`,
      }),
      expected: members('ok', { owner: 'LAST_OWNER' }),
    },
  ],
  setRole: [
    {
      what: 'of a plain one',
      request: (world, actor) => ({ params: onVictim(world, actor), body: { clientMsgId: idOf(world, actor), role: 'admin' } }),
      expected: admins('ok', { admin: 'FORBIDDEN' }),
    },
    {
      what: 'of oneself, to owner',
      request: (world, actor) => ({
        params: { conversationId: world.group, userId: world.who[actor === 'none' ? 'member' : actor].userId },
        body: { clientMsgId: idOf(world, actor), role: 'owner' },
      }),
      expected: members('FORBIDDEN', { owner: 'ok' }),
    },
  ],
  send: sends,
  messages: [
    page('newest', () => ''),
    page('from the beginning', () => 'after=0&limit=200'),
    page('before the removal', ({ head }) => `before=${head}`),
    page('around what came before one joined', ({ early }) => `around=${early}&limit=200`),
    page('around the head', ({ head }) => `around=${head}&limit=200`),
  ],
  moveCursor: [
    {
      what: 'to the beginning',
      request: (world, actor) => ({ params: one(world, actor), body: { seq: 1, status: 'read' } }),
      expected: members('ok', { former: 'ok', blocked: 'ok' }),
    },
    {
      what: 'to the head of the group',
      request: ({ group, head }) => ({ params: { conversationId: group }, body: { seq: head, status: 'delivered' } }),
      expected: members('ok', { former: 'CURSOR_AHEAD' }),
    },
  ],
  receipts: [
    {
      what: 'of one’s own message',
      request: (world, actor) => ({ params: one(world, actor), query: `seq=${world.ownSeq[actor]}` }),
      expected: members('ok', { blocked: 'ok' }),
    },
    {
      what: 'of what came before one joined',
      request: ({ group, early }) => ({ params: { conversationId: group }, query: `seq=${early}` }),
      expected: members('ok', { member: 'FORBIDDEN' }),
    },
  ],
}
