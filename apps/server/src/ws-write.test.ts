import { PassThrough, type Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as wsModule from 'ws'
import { createFrameWriter, framed } from './ws-write.ts'

// Exported by the package, but not by its types.
const { Receiver } = wsModule as unknown as { Receiver: new (options: { isServer: boolean }) => Writable }

/** What a client reads. */
function read(bytes: Buffer): string[] {
  const texts: string[] = []
  const receiver = new Receiver({ isServer: false })
  receiver.on('message', (data: Buffer, isBinary: boolean) => texts.push(isBinary ? 'binary' : data.toString()))
  receiver.write(bytes)
  return texts
}

test('frames of every size of header come out as they went in', () => {
  for (const length of [0, 1, 125, 126, 4_096, 4_097, 65_535, 65_536, 200_000]) {
    const texts = ['¿qué?', 'x'.repeat(length), '終']
    expect(read(Buffer.concat(framed(texts.map((text) => Buffer.from(text)))))).toEqual(texts)
  }
})

test('[L6] any frames come out once and in order', () => {
  const text = fc.oneof(
    { weight: 9, arbitrary: fc.string({ unit: 'grapheme' }) },
    fc.nat(9_000).map((n) => '語'.repeat(n)),
  )
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
      expect(read(Buffer.concat(framed(texts.map((each) => Buffer.from(each)))))).toEqual(texts)
    }),
  )
})

test('small frames share one buffer and one write; a large one is not copied', () => {
  const small = ['a', 'b', 'c'].map((each) => Buffer.from(each.repeat(200)))
  const large = Buffer.from('L'.repeat(16 * 1024))
  expect(framed(small)).toHaveLength(1)
  const buffers = framed([...small, large, ...small])
  expect(buffers).toHaveLength(3)
  expect(buffers[1]).toBe(large)
})

test('the members of a group share one buffer; who has more to read has their own', () => {
  const entries = ['¿quién trae el hielo?', 'yo 🧊', 'y yo'].map((text) => Buffer.from(text))
  const writeFrames = createFrameWriter()
  const writes = (frames: Buffer[]) => {
    const stream = new PassThrough()
    writeFrames(stream, frames)
    return stream.read() as Buffer
  }
  const [first, second] = [writes([...entries]), writes([...entries])]
  expect(second.buffer).toBe(first.buffer)
  expect(second.byteOffset).toBe(first.byteOffset)
  expect(read(writes([...entries, Buffer.from('for you alone')]))).toEqual([...entries.map(String), 'for you alone'])
  expect(read(writes(entries.slice(1)))).toEqual(entries.slice(1).map(String))
  expect(read(writes([...entries]))).toEqual(entries.map(String))
})

test('what belongs together is uncorked together', () => {
  const stream = new PassThrough()
  createFrameWriter()(stream, [Buffer.from('L'.repeat(8 * 1024)), Buffer.from('klein')])
  expect(stream.writableCorked).toBe(0)
  expect(read(stream.read() as Buffer).map((text) => text.length)).toEqual([8 * 1024, 5])
})
