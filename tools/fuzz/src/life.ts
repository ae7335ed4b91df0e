/**
 * A short life: a new user with devices and conversations, as whom a lane sends some hundreds of inputs. Whatever these break (a
 * password changed, a group left, a device signed out) ends with it.
 */
import { caller } from '../../../apps/server/src/testing/memory-server.ts'

/** What the `{{words}}` of inputs stand for. */
export type Words = Record<string, string>

const password = 'dreizehn Austernfischer'
let people = 0
/** No input comes upon the names of lives by cutting one of its own. */
const ownName = () => `life.${++people}`

/** Requests that must be answered well. */
function asker(url: string) {
  const call = caller(url)
  return async (method: string, path: string, body?: object, token?: string) => {
    const { status, json, text } = await call(method, path, { token, body })
    if (status !== 200) throw new Error(`a life cannot begin: ${method} ${path}: ${text}`)
    return json
  }
}

/** People who are there all along: all lives know them. */
export async function makeNeighbours(url: string): Promise<Words> {
  const ask = asker(url)
  const register = () => ask('POST', '/v1/users', { name: ownName(), password })
  const [friend, other, stranger] = [await register(), await register(), await register()]
  const { conversation } = await ask('POST', '/v1/conversations', { userId: other.userId }, friend.accessToken)
  const { name } = await ask('GET', '/v1/me', undefined, friend.accessToken)
  return {
    friend: friend.userId,
    other: other.userId,
    stranger: stranger.userId,
    friendName: name,
    foreign: conversation.conversationId,
  }
}

export async function makeLife(url: string, neighbours: Words): Promise<Words> {
  const ask = asker(url)
  const name = ownName()
  const own = await ask('POST', '/v1/users', { name, password })
  const spare = await ask('POST', '/v1/tokens', { name, password })
  const post = (path: string, body: object) => ask('POST', path, body, own.accessToken)
  const direct = (await post('/v1/conversations', { userId: neighbours.friend })).conversation.conversationId
  const members = [neighbours.friend, neighbours.other]
  const group = (await post('/v1/groups', { clientMsgId: 'made', name: 'Wattenmeer', members })).conversation.conversationId
  for (const to of [direct, group])
    for (const n of [2, 3, 4]) await post('/v1/messages', { type: 'message', to, clientMsgId: `own-${n}`, text: 'Moin 🐦' })
  return {
    ...neighbours,
    name,
    password,
    me: own.userId,
    device: own.deviceId,
    token: own.accessToken,
    spareDevice: spare.deviceId,
    spareToken: spare.accessToken,
    spareRefresh: spare.refreshToken,
    direct,
    group,
    last: 'own-4',
    epoch: 'none',
    mark: '0',
    poll: 'none',
  }
}

let ids = 0

/** The text with its words filled in; one that is not known stays as it is. */
export function filled(text: string, words: Words): string {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, word: string) => {
    if (word === 'id') return `i${(++ids).toString(36)}`
    return word === 'newName' ? `p${(++ids).toString(36)}` : (words[word] ?? whole)
  })
}
