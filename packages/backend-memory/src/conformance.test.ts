import { backendConformance } from '@godwit/conformance/backend.ts'
import { openMemory } from './open-memory.ts'

backendConformance('memory', async () => ({ port: openMemory(), close: async () => {} }))
