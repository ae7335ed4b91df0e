import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

function work() {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { promise, resolve }
}

test('[L9] so many at once, then in the order they came; whoever has gone is passed over', async () => {
  const turns = new Turns(2)
  const started: string[] = []
  const jobs = ['ana', 'bo', 'chidi', 'dana', 'eva'].map((name) => ({ name, ...work() }))
  const gone = new Set<string>()
  const answers = jobs.map(({ name, promise }) =>
    turns.run(
      () => !gone.has(name),
      () => {
        started.push(name)
        return promise
      },
    ),
  )
  expect(started).toEqual(['ana', 'bo'])
  gone.add('chidi').add('dana')
  jobs[1]?.resolve('b')
  expect(await Promise.all([answers[1], answers[2], answers[3]])).toEqual(['b', undefined, undefined])
  expect(started).toEqual(['ana', 'bo', 'eva'])
  jobs[0]?.resolve('a')
  jobs[4]?.resolve('e')
  expect(await Promise.all([answers[0], answers[4]])).toEqual(['a', 'e'])
})

test('work that fails gives its turn on', async () => {
  const turns = new Turns(1)
  const failing = turns.run(
    () => true,
    () => Promise.reject(new Error('disk full')),
  )
  const next = turns.run(
    () => true,
    async () => 'served',
  )
  await expect(failing).rejects.toThrow('disk full')
  expect(await next).toBe('served')
})
