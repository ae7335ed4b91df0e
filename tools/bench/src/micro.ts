/** `npm run bench:micro`: what the hot functions cost, as multiples of what a bare relay does with the same frame. */
import { optionsOrExit } from '@godwit/load/command-line.ts'
import { cases } from './micro/cases.ts'
import { measure } from './micro/measure.ts'
import { help, readOptions } from './micro/options.ts'

const ms = optionsOrExit(help, readOptions)
let isOver = false
for (const one of await cases()) {
  const { name, us, besideUs, ratio, beside, atMost } = await measure(one, ms)
  const over = ratio > atMost
  isOver ||= over
  const figures = `${us.toFixed(2).padStart(7)} us ${ratio.toFixed(2).padStart(6)} x ${beside} (${besideUs.toFixed(2)} us), at most ${atMost}`
  console.log(`${name.padEnd(58)} ${figures}${over ? ' EXCEEDED' : ''}`)
}
process.exit(isOver ? 1 : 0)
