/** Memory of this process, which is client and server in one, after what is garbage has gone. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

export function rssBytes(): number {
  collect()
  collect()
  return process.memoryUsage.rss()
}
