/** Before the storm: everybody signs up on each of their devices, and the first conversations begin. */
import type { Session } from '@godwit/client'
import { type Http, inParallel } from './http.ts'
import type { World } from './world/world.ts'

/** Each costs the server an argon2id hash of 19 MiB; it does four at once and lets the others wait. */
const signUpsAtOnce = 8
const conversationsAtOnce = 16

export interface Population {
  /** By device index. */
  readonly sessions: readonly Session[]
  /** By user index. */
  readonly userIds: readonly Session['userId'][]
  readonly signUpMs: number
  readonly conversationsMs: number
}

export async function populate(world: World, http: Http, progress: (text: string) => void): Promise<Population> {
  let begun = performance.now()
  const sessions = new Array<Session>(world.deviceOwners.length)
  const firstDevice = world.people.map((_, user) => world.deviceOwners.indexOf(user))
  let done = 0
  const signedUp = () => {
    if (++done % 50 === 0) progress(`sign-up: ${done} of ${world.deviceOwners.length} devices`)
  }
  await inParallel(world.people, signUpsAtOnce, async (person, user) => {
    sessions[firstDevice[user] as number] = await http.register(person)
    signedUp()
  })
  await inParallel([...world.deviceOwners.keys()], signUpsAtOnce, async (device) => {
    if (sessions[device]) return
    sessions[device] = await http.login(world.people[world.deviceOwners[device] as number] as World['people'][number], `device ${device}`)
    signedUp()
  })
  const signUpMs = performance.now() - begun

  begun = performance.now()
  const userIds = firstDevice.map((device) => (sessions[device] as Session).userId)
  const tokenOf = (user: number) => (sessions[firstDevice[user] as number] as Session).accessToken
  progress(`conversations: ${world.groups.length} groups, ${world.directs.length} direct`)
  await inParallel(world.groups, 2, async ({ name, owner, members, history }, i) => {
    const ids = members.map((user) => userIds[user] as string)
    await http.createGroup(tokenOf(owner), { clientMsgId: `group-${i}`, name, members: ids, history })
  })
  await inParallel(world.directs, conversationsAtOnce, ([one, other]) => http.openDirect(tokenOf(one), userIds[other] as string))
  return { sessions, userIds, signUpMs, conversationsMs: performance.now() - begun }
}
