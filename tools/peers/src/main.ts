/** `npm run bench:peers`: runs comparisons, prints the table, writes the JSON. Exit code 1 when one could not be measured. */
import { writeFileSync } from 'node:fs'
import { machineOf } from '@godwit/bench/report/machine.ts'
import { optionsOrExit } from '@godwit/load/command-line.ts'
import { NotHere } from './install/not-here.ts'
import { help, readOptions } from './options.ts'
import { tableOf } from './report/table.ts'
import { toJson } from './report/to-json.ts'
import { run } from './run.ts'

// Children and folders go with this process: `exit` handlers see to it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const options = optionsOrExit(help, readOptions)
const machine = machineOf()
const done = await run(options, (text) => console.error(text))
console.log(tableOf(machine, done, options.quick))
if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(toJson(machine, done, options.quick), null, 2)}\n`)
process.exitCode = done.outcomes.some(({ result }) => result instanceof Error && !(result instanceof NotHere)) ? 1 : 0
process.exit()
