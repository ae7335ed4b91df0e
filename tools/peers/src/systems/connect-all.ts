/** Sessions of all users, a few at a time. */
import { inParallel } from '@godwit/load/http.ts'

interface Session {
  readonly ready: Promise<unknown>
}

const connectsAtOnce = 64

/** Answers when all are live; throws when one is refused. */
export function connectAll<S extends Session>(users: number, connect: (user: number) => S): Promise<S[]> {
  return inParallel([...Array(users).keys()], connectsAtOnce, async (user) => {
    const session = connect(user)
    await session.ready
    return session
  })
}
