/** Nothing that the server is asked takes this long; an input that is not answered by then is a defect. */
const answerMs = 30_000

/** Rejects when `wanted` has not come in time. */
export async function inTime<T>(wanted: Promise<T>, what: string, ms: number = answerMs): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms)
  try {
    return await Promise.race([wanted, promise])
  } finally {
    clearTimeout(timer)
  }
}
