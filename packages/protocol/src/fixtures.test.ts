import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { decodeUp } from './codec.ts'
import { downFrame } from './down.ts'
import { GodwitError, isErrorCode } from './errors.ts'
import { limits } from './limits.ts'
import { upFrame } from './up.ts'

const folder = new URL('../fixtures/', import.meta.url)
const filesOf = (kind: 'valid' | 'invalid') => readdirSync(new URL(kind, folder)).filter((file) => file.endsWith('.json'))
const read = (file: string) => readFileSync(new URL(file, folder), 'utf8')

const valid = filesOf('valid').map((file) => ({ file, text: read(`valid/${file}`) }))
const up = valid.filter(({ file }) => file.startsWith('up-'))
const down = valid.filter(({ file }) => file.startsWith('down-'))

test.each(up)('[R35] a server takes $file as it stands', ({ text }) => {
  expect(decodeUp(text)).toEqual(JSON.parse(text))
})

test.each(down)('a client understands $file as it stands', ({ text }) => {
  expect(downFrame.parse(JSON.parse(text))).toEqual(JSON.parse(text))
})

test.each(filesOf('invalid'))('[L9] %s is answered with its error', (file) => {
  const { text, error } = z
    .strictObject({ text: z.string(), error: z.string().refine(isErrorCode) })
    .parse(JSON.parse(read(`invalid/${file}`)))
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.frameBytesMax)
  try {
    expect.fail(`was taken as ${JSON.stringify(decodeUp(text))}`)
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(GodwitError)
    expect(thrown).toMatchObject({ code: error })
  }
  expect({}, 'no prototype was reached').not.toHaveProperty('isAdmin')
})

test('every frame has a fixture, and every file is one of the three kinds', () => {
  const typesIn = (files: typeof valid) =>
    new Set(files.map(({ text }) => z.looseObject({ type: z.string() }).parse(JSON.parse(text)).type))
  expect(typesIn(up)).toEqual(new Set(upFrame.options.map(({ shape }) => shape.type.value)))
  expect(typesIn(down)).toEqual(new Set(downFrame.options.map(({ shape }) => shape.type.value)))
  expect(up.length + down.length).toBe(valid.length)
})
