import { expect, test } from 'vitest'
import { framed } from '../../../../apps/server/src/ws-write.ts'
import { decodeFrames, encodeFrames, encodePong } from './frames.ts'

const texts = ['👍', 'Kann jemand bitte die Präsentation prüfen?', '明日の打ち合わせは午後三時から', 'x'.repeat(126), 'שלום '.repeat(9_000)]

function decoded(bytes: Buffer): { heard: string[]; at: number } {
  const heard: string[] = []
  const at = decodeFrames(bytes, 0, bytes.length, {
    text: (all, from, to) => heard.push(all.toString('utf8', from, to)),
    ping: (all, from, to) => heard.push(`pinged ${all.toString('utf8', from, to)}`),
    close: (code) => heard.push(`closed ${code}`),
  })
  return { heard, at }
}

test('what the server frames is read back, cut anywhere', () => {
  const bytes = Buffer.concat(framed(texts.map((text) => Buffer.from(text))))
  expect(decoded(bytes)).toEqual({ heard: texts, at: bytes.length })
  for (const cut of [1, 3, 5, 60, 200, 300, bytes.length - 1]) {
    const { heard, at } = decoded(bytes.subarray(0, cut))
    expect([...heard, ...decoded(bytes.subarray(at)).heard], `cut at ${cut}`).toEqual(texts)
  }
})

test('a close tells its code', () => {
  expect(decoded(Buffer.from([0x88, 2, 0x0f, 0xa0])).heard).toEqual(['closed 4000'])
})

test('a ping is told with its payload, between texts, and its answer is a masked pong with the same', () => {
  const [ping, text] = [Buffer.from('\x89\x04tide', 'latin1'), Buffer.from('\x81\x02ok', 'latin1')]
  expect(decoded(Buffer.concat([text, ping, text])).heard).toEqual(['ok', 'pinged tide', 'ok'])
  expect(encodePong(Buffer.from('tide'))).toEqual(Buffer.from('\x8a\x84\0\0\0\0tide', 'latin1'))
})

test('what the generator sends are masked frames with these payloads', () => {
  const bytes = encodeFrames(texts)
  let at = 0
  for (const text of texts) {
    expect(bytes[at]).toBe(0x81)
    const short = (bytes[at + 1] as number) - 0x80
    const [length, header] =
      short < 126 ? [short, 2] : short === 126 ? [bytes.readUInt16BE(at + 2), 4] : [Number(bytes.readBigUInt64BE(at + 2)), 10]
    at += header
    expect(bytes.readUInt32BE(at)).toBe(0)
    expect(bytes.toString('utf8', at + 4, at + 4 + length)).toBe(text)
    at += 4 + length
  }
  expect(at).toBe(bytes.length)
})
