/** Routes of accounts, devices and people. */
import * as api from '@godwit/protocol/api.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { limits } from '@godwit/protocol/limits.ts'
import { deviceId, userId } from '@godwit/protocol/scalars.ts'
import { z } from 'zod'
import { openRoute, type Route, userRoute } from './route.ts'

/** `ids=u_1,u_2` as a list. Throws BAD_REQUEST or TOO_LARGE. */
function idList(text: string, max: number) {
  const ids = text.split(',')
  if (ids.length > max) throw new GodwitError('TOO_LARGE', `at most ${max} ids`)
  const parsed = z.array(userId).safeParse(ids)
  if (!parsed.success) throw new GodwitError('BAD_REQUEST', 'ids: user ids, separated by commas')
  return parsed.data
}

export const accountsRoutes: readonly Route[] = [
  openRoute({
    method: 'POST',
    path: '/v1/users',
    operation: 'register',
    tag: 'Accounts',
    summary: 'Register a user and sign in as it.',
    cost: 'manage',
    body: api.registerBody,
    answer: api.tokens,
    handle: ({ signIn }, { body, address }) => signIn.register(body, address),
  }),
  openRoute({
    method: 'POST',
    path: '/v1/tokens',
    operation: 'login',
    tag: 'Accounts',
    summary: 'Log in: a new device with its tokens.',
    cost: 'manage',
    body: api.loginBody,
    answer: api.tokens,
    handle: ({ signIn }, { body, address }) => signIn.login(body, address),
  }),
  openRoute({
    method: 'POST',
    path: '/v1/tokens/refresh',
    operation: 'refresh',
    tag: 'Accounts',
    summary: 'Exchange a refresh token for new tokens. Each is for one use; using an old one again signs the device out.',
    cost: 'auth',
    body: api.refreshBody,
    answer: api.tokens,
    handle: ({ signIn }, { body }) => signIn.refresh(body.refreshToken, body.attemptId),
  }),
  userRoute({
    method: 'DELETE',
    path: '/v1/tokens',
    operation: 'logout',
    tag: 'Accounts',
    summary: 'Sign this device out.',
    cost: 'manage',
    answer: api.empty,
    async handle({ signIn }, { principal }) {
      await signIn.logout(principal)
      return {}
    },
  }),
  userRoute({
    method: 'GET',
    path: '/v1/me',
    operation: 'me',
    tag: 'Accounts',
    summary: 'Your own profile and privacy settings.',
    cost: 'page',
    answer: api.me,
    handle: ({ profiles }, { principal }) => profiles.me(principal),
  }),
  userRoute({
    method: 'PATCH',
    path: '/v1/me',
    operation: 'changeMe',
    tag: 'Accounts',
    summary: 'Change your display name or privacy settings.',
    cost: 'manage',
    body: api.mePatch,
    answer: api.me,
    handle: ({ profiles }, { principal, body }) => profiles.change(principal, body),
  }),
  userRoute({
    method: 'POST',
    path: '/v1/me/password',
    operation: 'changePassword',
    tag: 'Accounts',
    summary: 'Change your password; every other device is signed out.',
    cost: 'manage',
    body: api.passwordBody,
    answer: api.empty,
    async handle({ signIn }, { principal, body }) {
      await signIn.changePassword(principal, body)
      return {}
    },
  }),
  userRoute({
    method: 'GET',
    path: '/v1/devices',
    operation: 'devices',
    tag: 'Accounts',
    summary: 'Devices that are signed in as you.',
    cost: 'page',
    answer: api.devices,
    handle: async ({ ownDevices }, { principal }) => ({ devices: await ownDevices.list(principal) }),
  }),
  userRoute({
    method: 'DELETE',
    path: '/v1/devices/:deviceId',
    operation: 'revokeDevice',
    tag: 'Accounts',
    summary: 'Sign one of your devices out; its connections close within seconds.',
    cost: 'manage',
    params: z.strictObject({ deviceId }),
    answer: api.empty,
    async handle({ ownDevices }, { principal, params }) {
      await ownDevices.revoke(principal, params.deviceId)
      return {}
    },
  }),
  userRoute({
    method: 'GET',
    path: '/v1/users',
    operation: 'users',
    tag: 'Users',
    summary: 'Find a user by exact name (`name`), or get profiles by id (`ids`, separated by commas).',
    cost: 'page',
    query: api.usersQuery,
    answer: api.users,
    async handle({ profiles }, { principal, query, address }) {
      if ((query.name === undefined) === (query.ids === undefined)) throw new GodwitError('BAD_REQUEST', 'give either `name` or `ids`')
      if (query.name !== undefined) return { users: await profiles.byName(principal, query.name, address) }
      return { users: await profiles.byIds(idList(query.ids ?? '', limits.profilesMax)) }
    },
  }),
  userRoute({
    method: 'GET',
    path: '/v1/presence',
    operation: 'presence',
    tag: 'Users',
    summary: 'Who is online, among users with whom you share a conversation.',
    cost: 'page',
    query: api.presenceQuery,
    answer: api.presenceAnswer,
    async handle({ presenceOf }, { principal, query }) {
      return { users: await presenceOf(principal, idList(query.ids, limits.watchUsersMax)) }
    },
  }),
  userRoute({
    method: 'GET',
    path: '/v1/blocks',
    operation: 'blocks',
    tag: 'Users',
    summary: 'Users whom you have blocked.',
    cost: 'page',
    answer: api.blocks,
    handle: async ({ profiles }, { principal }) => ({ users: await profiles.blocks(principal) }),
  }),
  userRoute({
    method: 'PUT',
    path: '/v1/blocks/:userId',
    operation: 'block',
    tag: 'Users',
    summary: 'Block a user: no direct messages either way, and no presence.',
    cost: 'manage',
    params: z.strictObject({ userId }),
    answer: api.empty,
    async handle({ profiles }, { principal, params }) {
      await profiles.setBlock(principal, params.userId, true)
      return {}
    },
  }),
  userRoute({
    method: 'DELETE',
    path: '/v1/blocks/:userId',
    operation: 'unblock',
    tag: 'Users',
    summary: 'Take a block back.',
    cost: 'manage',
    params: z.strictObject({ userId }),
    answer: api.empty,
    async handle({ profiles }, { principal, params }) {
      await profiles.setBlock(principal, params.userId, false)
      return {}
    },
  }),
]
