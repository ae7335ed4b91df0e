import { backendConformance } from '@godwit/conformance/backend.ts'
import { openTemporary } from './testing/temporary.ts'

backendConformance('local', async () => {
  const { backend, close } = await openTemporary()
  return { port: backend, close }
})
