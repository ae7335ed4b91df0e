import { chromiumMissing, chromiumPath } from './find.ts'

export function setup(): void {
  if (chromiumPath === undefined) console.warn(`\n${chromiumMissing}\n`)
}
