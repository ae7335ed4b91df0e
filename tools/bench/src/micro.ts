/** `npm run bench:micro`: what the hot functions cost, as multiples of what a bare relay does with the same frame. */
import { cases } from './micro/cases.ts'
import { measure } from './micro/measure.ts'

const ms = Number(process.argv[2] ?? 100)
if (!(ms > 0)) {
  console.error('npm run bench:micro -- [MS]: each function runs ten times for MS milliseconds (100)')
  process.exit(2)
}
let isOver = false
for (const one of await cases()) {
  const { name, us, besideUs, ratio, beside, atMost } = await measure(one, ms)
  const over = ratio > atMost
  isOver ||= over
  const figures = `${us.toFixed(2).padStart(7)} us ${ratio.toFixed(2).padStart(6)} x ${beside} (${besideUs.toFixed(2)} us), at most ${atMost}`
  console.log(`${name.padEnd(58)} ${figures}${over ? ' EXCEEDED' : ''}`)
}
process.exit(isOver ? 1 : 0)
