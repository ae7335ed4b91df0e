/** A thread that runs one seed after another, as it is told. */
import { parentPort } from 'node:worker_threads'
import { runSeed } from './run-seed.ts'

parentPort?.on('message', async (seed: number) => parentPort?.postMessage(await runSeed(seed)))
