/** Texts that look like what people send: mostly 100 to 200 bytes, a tail to 16 KiB, in many scripts. */
import { limits } from '@godwit/protocol/limits.ts'
import { cjk, code, english, otherLatin, pictographs, rightToLeft } from './phrases.ts'
import type { Random } from './random.ts'

const utf8 = new TextEncoder()

export interface Talk {
  message(): string
  /** What somebody makes of their own message when they correct it. */
  correction(): string
}

export function createTalk(random: Random): Talk {
  const phrase = () => random.pick(random.weighted(kinds))
  return {
    message() {
      const bytes = sizeOf(random)
      let text = phrase()
      while (utf8.encode(text).length < bytes) text += `${random.weighted(separators)}${phrase()}`
      return clip(text, bytes)
    },
    correction: () => `${phrase()} (sorry, typo)`,
  }
}

const kinds = [
  [50, english],
  [12, otherLatin],
  [10, cjk],
  [8, rightToLeft],
  [10, code],
  [10, pictographs],
] as const

const separators = [
  [6, ' '],
  [3, '\n'],
  [1, '\n\n'],
] as const

/** In bytes: one message in fifty is long, by a Pareto law, and one in eight is short. */
function sizeOf(random: Random): number {
  const kind = random.next()
  if (kind < 0.02) return Math.min(limits.textBytesMax, Math.floor(200 / (1 - random.next()) ** 1.2))
  if (kind < 0.14) return random.int(2, 60)
  return random.int(100, 200)
}

/** At most `bytes` of UTF-8, ending between characters. */
function clip(text: string, bytes: number): string {
  const encoded = utf8.encode(text)
  if (encoded.length <= bytes) return text
  let end = bytes
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--
  return new TextDecoder().decode(encoded.subarray(0, end)) || '…'
}
