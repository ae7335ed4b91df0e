/** `npm run bench:draw -- FILE FOLDER`: the pictures of a run that `--json FILE` has written. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { optionsOrExit } from '@godwit/load/command-line.ts'
import { help, readOptions } from './pictures/options.ts'
import { pictures } from './pictures/pictures.ts'

const { run, folder } = optionsOrExit(help, readOptions)
mkdirSync(folder, { recursive: true })
for (const [name, svg] of Object.entries(pictures(run))) {
  writeFileSync(join(folder, name), svg)
  console.log(join(folder, name))
}
