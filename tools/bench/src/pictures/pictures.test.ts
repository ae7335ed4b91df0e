import { expect, test } from 'vitest'
import { type BenchJson, pictures } from './pictures.ts'

const distribution = [
  [0.5, 12],
  [0.9, 18],
  [0.99, 31],
  [1, 55],
]

function figures(name: string, more: Record<string, number> = {}) {
  return {
    name,
    unit: 'message',
    throughput_per_s: 5_000,
    server_cpu_us_per_delivery: 180,
    floor_cpu_us_per_delivery: name === 'growth' ? null : 30,
    latency_at: '<half> & more',
    latency_distribution: distribution,
    more,
  }
}

const run = (...scenarios: object[]) => ({ scenarios }) as unknown as BenchJson

test('a whole run has three pictures, with every scenario in the one of costs and ratios in the one of long logs', () => {
  const drawn = pictures(
    run(
      figures('direct-64'),
      { name: 'mixed', seconds: 3, error: 'refused' },
      figures('history', { short_p99_ms: 4, long_p99_ms: 5 }),
      figures('growth', { empty_throughput_per_s: 5_500 }),
    ),
  )
  expect(Object.keys(drawn)).toEqual(['latency.svg', 'cost.svg', 'log-size.svg'])
  for (const name of ['direct-64', 'history', 'growth']) expect(drawn['cost.svg']).toContain(`>${name}</text>`)
  expect(drawn['log-size.svg']).toContain('0.91 x')
  expect(drawn['log-size.svg']).toContain('1.25 x')
  expect(drawn['latency.svg']).toContain('direct-64, &#60;half&#62; &#38; more')
  for (const svg of Object.values(drawn)) expect(svg).not.toMatch(/NaN|Infinity|undefined/)
})

test('what was not measured is not drawn', () => {
  expect(pictures(run())).toEqual({})
  expect(Object.keys(pictures(run(figures('direct-64'))))).toEqual(['latency.svg', 'cost.svg'])
})

test('no label lies upon another, and the legend lies below what it names', () => {
  const near = (name: string, throughput_per_s: number, cpu: number) => ({
    ...figures(name),
    throughput_per_s,
    server_cpu_us_per_delivery: cpu,
  })
  const drawn = pictures(
    run(near('mixed', 1_049, 950), near('reconnect-storm', 855, 1_156), near('growth', 10_601, 92), near('direct-1000', 11_868, 84)),
  )
  const heightOf = (svg: string | undefined, words: string) => Number(new RegExp(`y="([\\d.]+)"[^>]*>${words}`).exec(svg ?? '')?.[1])
  const [storm, mixed] = ['reconnect-storm', 'mixed'].map((name) => heightOf(drawn['cost.svg'], name)) as [number, number]
  expect(mixed - storm).toBeGreaterThanOrEqual(14)
  const [growth, direct] = ['growth', 'direct-1000'].map((name) => heightOf(drawn['cost.svg'], name)) as [number, number]
  expect(direct - growth).toBeGreaterThanOrEqual(14)
  const marks = [...(drawn['latency.svg'] ?? '').matchAll(/<circle[^>]*cy="([\d.]+)"[^>]*stroke-width/g)].map(([, y]) => Number(y))
  expect(heightOf(drawn['latency.svg'], 'mixed, ')).toBeGreaterThan(Math.max(...marks))
})
