/**
 * After a crash SQLite takes from the write-ahead log what its checksums vouch for, up to the first frame that is not as it was
 * written, and forgets the rest. That is right for a write that the crash has torn; after a flipped bit it would silently lose
 * commits that were answered (L4). The two can be told apart: every commit is synced before the next begins, so behind a torn write
 * there is at most its own commit.
 *
 * Formats: sqlite.org/fileformat.html#the_write_ahead_log, sqlite.org/walformat.html.
 */
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { openReader } from './database.ts'

/** What is stored is not what was written: the server must not start on it. */
export class DamagedStoreError extends Error {
  override readonly name = 'DamagedStoreError'

  constructor(file: string, what: string) {
    super(`${file} is damaged: ${what}. Nothing was changed. Keep a copy of the data folder, and restore a backup (godwit restore).`)
  }
}

const headerBytes = 32
const frameHeaderBytes = 24

/** Throws `DamagedStoreError`. Must run before anything opens the database for writing: the last such connection empties the log. */
export function assertWholeWal(file: string): void {
  const wal = `${file}-wal`
  if (!existsSync(wal)) return
  const fd = openSync(wal, 'r')
  try {
    const { size } = fstatSync(fd)
    if (size <= headerBytes) return
    const header = read(fd, 0, headerBytes)
    const { pageBytes, frames } = recovered(file)
    let salts = isWhole(header) ? header.subarray(16, 24) : null
    let commits = 0
    for (
      let at = headerBytes + frames * (frameHeaderBytes + pageBytes);
      at + frameHeaderBytes <= size;
      at += frameHeaderBytes + pageBytes
    ) {
      const frame = read(fd, at, frameHeaderBytes)
      const frameSalts = frame.subarray(8, 16)
      // Where the header is broken, the frames agree among themselves. Other salts are of an older log, which was copied long ago.
      salts ??= frameSalts
      if (frame.readUInt32BE(4) !== 0 && frameSalts.equals(salts)) commits++
    }
    if (commits > 1) throw new DamagedStoreError(wal, `${commits - 1} or more commits lie behind a frame that is not as it was written`)
  } finally {
    closeSync(fd)
  }
}

/** How many frames SQLite vouches for: `mxFrame` of its index of the log. A reader changes and checkpoints nothing. */
function recovered(file: string): { readonly pageBytes: number; readonly frames: number } {
  using db = openReader(file)
  const pageBytes = Number(db.prepare('PRAGMA page_size').get()?.page_size)
  db.prepare('SELECT count(*) FROM sqlite_schema').get()
  const index = readFileSync(`${file}-shm`)
  return { pageBytes, frames: new Uint32Array(index.buffer, index.byteOffset + 16, 1)[0] ?? 0 }
}

/** The header's own checksum; its last bit of the magic number says in which order the bytes of a word are. */
function isWhole(header: Buffer): boolean {
  const word = (at: number) => (header.readUInt32BE(0) & 1 ? header.readUInt32BE(at) : header.readUInt32LE(at))
  let [one, two] = [0, 0]
  for (let at = 0; at < 24; at += 8) {
    one = (one + word(at) + two) >>> 0
    two = (two + word(at + 4) + one) >>> 0
  }
  return header.readUInt32BE(24) === one && header.readUInt32BE(28) === two
}

function read(fd: number, at: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  readSync(fd, buffer, 0, bytes, at)
  return buffer
}
