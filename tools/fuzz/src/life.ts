/**
 * A short life: a new user with devices and conversations, as whom a lane sends some hundreds of inputs. Whatever these break (a
 * password changed, a group left, a device signed out) ends with it.
 */
import { caller } from '../../../apps/server/src/testing/memory-server.ts'

/** What the `{{words}}` of inputs stand for. */
export type Words = Record<string, string>

const password = 'dreizehn Austernfischer'
let people = 0
const newName = () => `p${(++people).toString(36)}`

/** People who are there all along: all lives know them. */
export async function makeNeighbours(url: string): Promise<Words> {
  const call = caller(url)
  const register = async () => (await call('POST', '/v1/users', { body: { name: newName(), password } })).json
  const [friend, other, stranger] = [await register(), await register(), await register()]
  const { json } = await call('POST', '/v1/conversations', { token: friend.accessToken, body: { userId: other.userId } })
  const { json: me } = await call('GET', '/v1/me', { token: friend.accessToken })
  return {
    friend: friend.userId,
    other: other.userId,
    stranger: stranger.userId,
    friendName: me.name,
    foreign: json.conversation.conversationId,
  }
}

export async function makeLife(url: string, neighbours: Words): Promise<Words> {
  const call = caller(url)
  const name = newName()
  const own = (await call('POST', '/v1/users', { body: { name, password } })).json
  const spare = (await call('POST', '/v1/tokens', { body: { name, password } })).json
  const post = async (path: string, body: object) => (await call('POST', path, { token: own.accessToken, body })).json
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
    return word === 'newName' ? newName() : (words[word] ?? whole)
  })
}
