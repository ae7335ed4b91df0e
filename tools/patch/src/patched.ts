import { fileURLToPath } from 'node:url'

/**
 * The environment in which a Node process runs with these patches, over the present one. NODE_OPTIONS and not an argument, because
 * it also reaches threads that are started with arguments of their own, as those of the store are.
 */
export function patched(table: URL, names: readonly string[]): NodeJS.ProcessEnv {
  const register = new URL('./register.ts', import.meta.url).href
  return {
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${register}`.trim(),
    PATCHES: fileURLToPath(table),
    PATCH: names.join(','),
    // What Vitest keeps of a module knows nothing of patches.
    VITEST_FS_MODULE_CACHE: 'false',
  }
}
