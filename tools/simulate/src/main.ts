import { runSeed } from './run-seed.ts'
const seed = Number(process.argv[2] ?? 1)
const n = Number(process.argv[3] ?? 1)
for (let s = seed; s < seed + n; s++) {
  const t = performance.now()
  const o = await runSeed(s, { keepTrace: process.argv[4] === 'trace' })
  if (process.argv[4] === 'trace') process.stdout.write(o.trace.join(''))
  console.log(s, o.plan.profile, o.operations, 'ops', o.problems.length, 'problems', Math.round(performance.now() - t), 'ms', o.digest.slice(0, 12))
  for (const p of o.problems.slice(0, 4)) console.log('  ', p.rule, p.message)
}
