/** Bodies of messages: real talk in many scripts, 150 to 200 bytes of UTF-8. */
import { createRandom } from '@godwit/load/world/random.ts'
import { createTalk } from '@godwit/load/world/talk.ts'

const poolSize = 512

const texts = makePool()
const jsonTexts = texts.map((text) => JSON.stringify(text))

/** The `n`-th body; they come round again. */
export const textOf = (n: number): string => texts[n % poolSize] as string

/** The same as a JSON string, ready to be put into a frame. */
export const jsonText = (n: number): string => jsonTexts[n % poolSize] as string

function makePool(): string[] {
  const talk = createTalk(createRandom('bench bodies'))
  const pool: string[] = []
  while (pool.length < poolSize) {
    const text = talk.message()
    const bytes = Buffer.byteLength(text)
    if (bytes >= 150 && bytes <= 200) pool.push(text)
  }
  return pool
}
