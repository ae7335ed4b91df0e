import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const require = createRequire(import.meta.url)

/** Serves emoji names and search words from our own origin, where the emoji picker looks for them. */
function emojiData(): Plugin {
  const files = ['en/data.json', 'en/messages.json']
  return {
    name: 'emoji-data',
    configureServer(server) {
      server.middlewares.use('/emoji', (request, response, next) => {
        const file = files.find((one) => request.url === `/${one}`)
        if (file === undefined) return next()
        response.setHeader('content-type', 'application/json')
        response.end(readFileSync(require.resolve(`emojibase-data/${file}`)))
      })
    },
    generateBundle() {
      for (const file of files) {
        this.emitFile({ type: 'asset', fileName: `emoji/${file}`, source: readFileSync(require.resolve(`emojibase-data/${file}`)) })
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), emojiData()],
  // The content security policy of the server allows no data: address and no inline module preload helper.
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2024', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})
