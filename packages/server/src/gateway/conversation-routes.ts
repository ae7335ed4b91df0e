/** Routes of conversations and messages. Access is decided in `chat` (L11). */
import * as api from '@godwit/protocol/api.ts'
import { GodwitError } from '@godwit/protocol/errors.ts'
import { conversationId, userId } from '@godwit/protocol/scalars.ts'
import type { ConversationFlags } from '@godwit/protocol/summary.ts'
import { z } from 'zod'
import type { Principal, Sender } from '../chat/chat.ts'
import { type Route, userRoute } from './route.ts'

const one = z.strictObject({ conversationId })
const oneMember = z.strictObject({ conversationId, userId })
const overHttp = (principal: Principal): Sender => ({ ...principal, sessionId: null })

export const conversationRoutes: readonly Route[] = [
  userRoute({
    method: 'GET',
    path: '/v1/conversations',
    operation: 'conversations',
    tag: 'Conversations',
    summary: 'Your conversations by last activity, with preview and unread count.',
    cost: 'list',
    query: api.listQuery,
    answer: api.conversationList,
    handle: ({ chat }, { principal, query }) => chat.list(principal, query),
  }),
  userRoute({
    method: 'POST',
    path: '/v1/conversations',
    operation: 'openDirect',
    tag: 'Conversations',
    summary: 'Open the direct conversation with a user. There is one per pair, whoever starts it.',
    cost: 'manage',
    body: api.directBody,
    answer: api.conversationAnswer,
    handle: ({ chat }, { principal, body }) => chat.openDirect(overHttp(principal), body.userId),
  }),
  userRoute({
    method: 'POST',
    path: '/v1/groups',
    operation: 'createGroup',
    tag: 'Conversations',
    summary: 'Create a group. The same `clientMsgId` again is the same group.',
    cost: 'manage',
    body: api.groupBody,
    answer: api.conversationAnswer,
    handle: ({ chat }, { principal, body }) => chat.createGroup(overHttp(principal), { ...body, history: body.history ?? 'joined' }),
  }),
  userRoute({
    method: 'GET',
    path: '/v1/conversations/:conversationId',
    operation: 'conversation',
    tag: 'Conversations',
    summary: 'One conversation, as the list shows it.',
    cost: 'page',
    params: one,
    answer: api.conversationAnswer,
    handle: ({ chat }, { principal, params }) => chat.conversation(principal, params.conversationId),
  }),
  userRoute({
    method: 'PATCH',
    path: '/v1/conversations/:conversationId',
    operation: 'changeGroup',
    tag: 'Conversations',
    summary: 'Rename a group, or open its earlier history to late joiners: one of the two.',
    cost: 'manage',
    params: one,
    body: api.groupPatch,
    answer: api.sent,
    handle({ chat }, { principal, params, body: { clientMsgId, name, history } }) {
      if (name !== undefined && history === undefined)
        return chat.changeGroup(overHttp(principal), params.conversationId, clientMsgId, { change: 'rename', name })
      if (history !== undefined && name === undefined)
        return chat.changeGroup(overHttp(principal), params.conversationId, clientMsgId, { change: 'history', history })
      throw new GodwitError('BAD_REQUEST', 'give either `name` or `history`')
    },
  }),
  userRoute({
    method: 'PATCH',
    path: '/v1/conversations/:conversationId/flags',
    operation: 'setFlags',
    tag: 'Conversations',
    summary: 'Mute, archive or pin a conversation, for you alone.',
    cost: 'manage',
    params: one,
    body: api.flagsPatch,
    answer: api.conversationAnswer,
    handle: ({ chat }, { principal, params, body }) => chat.setFlags(principal, params.conversationId, body as Partial<ConversationFlags>),
  }),
  userRoute({
    method: 'GET',
    path: '/v1/conversations/:conversationId/members',
    operation: 'members',
    tag: 'Conversations',
    summary: 'Members with their roles.',
    cost: 'list',
    params: one,
    answer: api.members,
    handle: ({ chat }, { principal, params }) => chat.members(principal, params.conversationId),
  }),
  userRoute({
    method: 'POST',
    path: '/v1/conversations/:conversationId/members',
    operation: 'addMembers',
    tag: 'Conversations',
    summary: 'Add members to a group.',
    cost: 'manage',
    params: one,
    body: api.membersBody,
    answer: api.sent,
    handle: ({ chat }, { principal, params, body }) =>
      chat.changeGroup(overHttp(principal), params.conversationId, body.clientMsgId, { change: 'add', members: body.members }),
  }),
  userRoute({
    method: 'DELETE',
    path: '/v1/conversations/:conversationId/members/:userId',
    operation: 'removeMember',
    tag: 'Conversations',
    summary: 'Remove a member from a group, or leave it yourself.',
    cost: 'manage',
    params: oneMember,
    query: api.removeBody,
    answer: api.sent,
    handle: ({ chat }, { principal, params, query }) =>
      chat.changeGroup(overHttp(principal), params.conversationId, query.clientMsgId, { change: 'remove', userId: params.userId }),
  }),
  userRoute({
    method: 'PATCH',
    path: '/v1/conversations/:conversationId/members/:userId',
    operation: 'setRole',
    tag: 'Conversations',
    summary: 'Change the role of a member.',
    cost: 'manage',
    params: oneMember,
    body: api.roleBody,
    answer: api.sent,
    handle: ({ chat }, { principal, params, body }) =>
      chat.changeGroup(overHttp(principal), params.conversationId, body.clientMsgId, {
        change: 'role',
        userId: params.userId,
        role: body.role,
      }),
  }),
  userRoute({
    method: 'POST',
    path: '/v1/messages',
    operation: 'send',
    tag: 'Messages',
    summary: 'Send a message, edit, deletion or reaction. Send it again with the same `clientMsgId` until it is answered.',
    cost: 'message',
    body: api.sendBody,
    answer: api.sent,
    handle: ({ chat }, { principal, body }) => chat.send(overHttp(principal), body),
  }),
  userRoute({
    method: 'GET',
    path: '/v1/conversations/:conversationId/messages',
    operation: 'messages',
    tag: 'Messages',
    summary: 'A page of entries: the newest, or those after, before or around a seq.',
    cost: 'page',
    params: one,
    query: api.pageQuery,
    answer: api.page,
    handle({ chat }, { principal, params, query }) {
      const given = [query.after, query.before, query.around].filter((seq) => seq !== undefined)
      if (given.length > 1) throw new GodwitError('BAD_REQUEST', 'give one of `after`, `before` and `around`')
      return chat.page(principal, params.conversationId, query)
    },
  }),
  userRoute({
    method: 'POST',
    path: '/v1/conversations/:conversationId/cursor',
    operation: 'moveCursor',
    tag: 'Messages',
    summary: 'Say how far you have received or read. Cursors only move forward.',
    cost: 'ack',
    params: one,
    body: api.cursorBody,
    answer: api.cursorAnswer,
    handle: async ({ chat }, { principal, params, body }) => {
      await chat.advance(principal, params.conversationId, body.seq, body.status)
      return chat.cursor(principal, params.conversationId)
    },
  }),
  userRoute({
    method: 'GET',
    path: '/v1/conversations/:conversationId/receipts',
    operation: 'receipts',
    tag: 'Messages',
    summary: 'Who has received and read an entry.',
    cost: 'list',
    params: one,
    query: api.receiptsQuery,
    answer: api.receipts,
    handle: ({ chat }, { principal, params, query }) => chat.receipts(principal, params.conversationId, query.seq),
  }),
]
