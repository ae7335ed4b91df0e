/** Where peers are installed: beside this tool, and outside of what git tracks. Removing it is safe; the next run installs again. */
import { fileURLToPath } from 'node:url'

export const cacheFolder = fileURLToPath(new URL('../../.cache/', import.meta.url))
