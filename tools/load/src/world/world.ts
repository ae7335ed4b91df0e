/** Who there is and who talks with whom: a function of the options and the seed alone. */
import { familyNames, givenNames, groupNames } from './phrases.ts'
import { createRandom, createZipf, type Random } from './random.ts'

export interface WorldOptions {
  readonly seed: string
  readonly users: number
  readonly devices: number
}

export interface World {
  readonly people: readonly Person[]
  readonly groups: readonly GroupPlan[]
  /** Pairs of indexes into `people`. */
  readonly directs: readonly (readonly [number, number])[]
  /** Devices by index: whose each is. The last one of a user with several first connects at the very end. */
  readonly deviceOwners: readonly number[]
  readonly lateDevice: number
}

export interface Person {
  /** Login name. */
  readonly name: string
  readonly displayName: string
  readonly password: string
}

export interface GroupPlan {
  readonly name: string
  readonly owner: number
  /** Without the owner. */
  readonly members: readonly number[]
  readonly history: 'joined' | 'all'
}

/** Each person has about this many direct conversations of their own choosing. */
const directsPerPerson = 2
/** A phone, a tablet, a few browsers. */
const devicesPerUserMax = 5
/** Exponent of activity: how much more the busy say than the quiet. */
export const zipfExponent = 1

/** Throws where no world can be made of so many. */
export function assertPopulation({ users, devices }: { readonly users: number; readonly devices: number }): void {
  if (users >= 8 && devices > users && devices <= users * devicesPerUserMax) return
  const needed = `at least 8 users, more devices than users, and at most ${devicesPerUserMax} devices a user`
  throw new Error(`a world has ${needed}; not ${users} users and ${devices} devices`)
}

/** People come in the order of their activity: the first is the busiest. */
export function createWorld({ seed, users, devices }: WorldOptions): World {
  assertPopulation({ users, devices })
  const random = createRandom(`${seed} world`)
  const people = Array.from({ length: users }, (_, i) => person(i, random))
  const deviceOwners = ownersOf(users, devices, random)
  return { people, groups: groupsOf(users, random), directs: directsOf(users, random), deviceOwners, lateDevice: devices - 1 }
}

function person(i: number, random: Random): Person {
  const [given, family] = [random.pick(givenNames), random.pick(familyNames)]
  const latin = given
    .normalize('NFD')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
  const password = Array.from({ length: 3 }, () => random.int(36 ** 4, 36 ** 5 - 1).toString(36)).join('-')
  return { name: `${latin || 'user'}.${i}`, displayName: `${given} ${family}`, password }
}

/** Everybody has one device; the others go to the busy, who have up to `devicesPerUserMax`. */
function ownersOf(users: number, devices: number, random: Random): number[] {
  const counts = new Array<number>(users).fill(1)
  const zipf = createZipf(users, 0.6, random)
  for (let left = devices - users - 1; left > 0; ) {
    const owner = zipf()
    if ((counts[owner] ?? 0) >= devicesPerUserMax) continue
    counts[owner] = (counts[owner] ?? 0) + 1
    left--
  }
  const owners = counts.flatMap((count, owner) => new Array<number>(count).fill(owner))
  // The late device belongs to somebody busy, so that there is much it has missed.
  return [...owners, 0]
}

/** One group of five in six of all (1,000 of 1,200), and 20 of 50 to 500, scaled down where there are fewer people. */
function groupsOf(users: number, random: Random): GroupPlan[] {
  const everyone = Array.from({ length: users }, (_, i) => i)
  const many = users >= 600
  const sizes = [Math.min(1_000, Math.floor((users * 5) / 6))]
  const least = many ? 50 : 4
  const most = many ? 500 : Math.max(8, Math.floor(users / 3))
  // Sizes fall as one over the rank: most groups are nearer to the small end.
  for (let i = 0; i < (many ? 20 : 5); i++) sizes.push(Math.max(least, Math.floor(most / (1 + i * 0.6))))
  return sizes.map((size, i) => {
    const [owner = 0, ...members] = random.sample(everyone, size)
    const name = `${groupNames[i % groupNames.length]} ${i + 1}`
    return { name, owner, members, history: i % 3 === 2 ? 'all' : 'joined' }
  })
}

function directsOf(users: number, random: Random): [number, number][] {
  const pairs = new Map<string, [number, number]>()
  const zipf = createZipf(users, 0.5, random)
  for (let one = 0; one < users; one++) {
    for (let i = 0; i < directsPerPerson; i++) {
      const other = zipf()
      if (other === one) continue
      const pair: [number, number] = one < other ? [one, other] : [other, one]
      pairs.set(pair.join(), pair)
    }
  }
  return [...pairs.values()]
}
