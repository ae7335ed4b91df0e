import { timingSafeEqual } from 'node:crypto'

/** In a time that does not tell how much of `given` is right. */
export function isSameText(given: string, genuine: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(genuine)]
  return one.length === other.length && timingSafeEqual(one, other)
}
