/** `npm run bench:draw -- FILE FOLDER`: the pictures of a run that `--json FILE` has written. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BenchJson, pictures } from './pictures/pictures.ts'

const [file, folder] = process.argv.slice(2)
if (file === undefined || folder === undefined) {
  console.error('npm run bench:draw -- FILE FOLDER: FILE is what `npm run bench -- --json FILE` has written; the pictures go to FOLDER')
  process.exit(2)
}
mkdirSync(folder, { recursive: true })
for (const [name, svg] of Object.entries(pictures(JSON.parse(readFileSync(file, 'utf8')) as BenchJson))) {
  writeFileSync(join(folder, name), svg)
  console.log(join(folder, name))
}
