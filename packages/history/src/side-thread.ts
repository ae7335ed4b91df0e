/** The thread of `checkFiles`: judges what was sent. */
import { parentPort, workerData } from 'node:worker_threads'
import { answerOf, type Files } from './check-files.ts'

parentPort?.postMessage(answerOf('sent', workerData as Files))
