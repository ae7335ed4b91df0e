/** What each device does once in its life: it resumes with nothing, and is told everything. A later answer costs a fraction of that. */
import { inParallel } from '@godwit/load/http.ts'
import type { DownFrameOf } from '@godwit/protocol/down.ts'
import type { Bench } from '../bench.ts'
import type { Seeded } from '../seed/seed.ts'
import { comeBack } from './returning.ts'
import type { Tokens } from './tokens.ts'

/** Where a device stands: what its next resume begins from. */
export interface Marked {
  readonly epoch: string
  readonly mark: string
}

const atOnce = 64

/** One device of every user; answers where each stands, by user. */
export async function firstSync(bench: Bench, port: number, world: Seeded, tokens: Tokens): Promise<Marked[]> {
  const begun = performance.now()
  const marks = await inParallel(world.userIds, atOnce, async (_, user): Promise<Marked> => {
    const { session, answer } = await comeBack(
      port,
      user,
      { server: 'godwit', token: await tokens.of(user), epoch: null, mark: null },
      false,
    )
    session.end()
    const { epoch, mark } = answer as DownFrameOf<'resumed'>
    return { epoch, mark }
  })
  bench.progress(`first sync of ${marks.length.toLocaleString('en')} devices: ${((performance.now() - begun) / 1_000).toFixed(1)} s`)
  return marks
}
