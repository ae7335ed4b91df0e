/** The lines of a file, a piece at a time: its size is bounded by the disk and not by a string. */
import { closeSync, openSync, readSync } from 'node:fs'

/** A file that cannot be judged: says which, at which line, and what to do. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError'
}

/** Small enough that a piece is still in the processor's cache when its lines are parsed. */
const pieceBytes = 1 << 16
const newline = 0x0a

/** Whole lines, the last of the file included if it lacks its end. Each piece is overwritten by the next. Throws `UnreadableError`. */
export function* readPieces(path: string): Generator<Buffer> {
  const file = attempt(path, () => openSync(path, 'r'))
  try {
    let space = Buffer.allocUnsafe(pieceBytes)
    // What stands at the head of it is the beginning of a line that is not all read.
    let begun = 0
    for (;;) {
      if (begun === space.length) space = Buffer.concat([space], space.length * 2)
      const end = begun + attempt(path, () => readSync(file, space, begun, space.length - begun, null))
      if (end === begun) break
      const whole = space.subarray(0, end).lastIndexOf(newline) + 1
      if (whole > 0) yield space.subarray(0, whole)
      space.copyWithin(0, whole, end)
      begun = end - whole
    }
    if (begun > 0) yield Buffer.concat([space.subarray(0, begun), Buffer.from('\n')])
  } finally {
    closeSync(file)
  }
}

/** Each with its number, from 1. Some may be empty. Throws `UnreadableError`. */
export function* readLines(path: string): Generator<readonly [text: string, number: number]> {
  let number = 0
  for (const piece of readPieces(path)) for (const text of piece.toString('utf8', 0, piece.length - 1).split('\n')) yield [text, ++number]
}

function attempt<T>(path: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new UnreadableError(`cannot read ${path} (${(error as NodeJS.ErrnoException).code}): give the path of a file of JSON lines`)
  }
}
