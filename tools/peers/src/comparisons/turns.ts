/** Windows of both systems in turn, so that a busy moment of the machine meets both. */
import { type Spread, spreadOf } from '@godwit/bench/measure/spread.ts'

/** Answers what each of them measured, `repeats` times; `first` is true for the first of each. */
export async function inTurn<T>(
  repeats: number,
  godwit: (first: boolean) => Promise<T>,
  peer: (first: boolean) => Promise<T>,
): Promise<{ readonly godwit: readonly T[]; readonly peer: readonly T[] }> {
  const measured = { godwit: [] as T[], peer: [] as T[] }
  for (let repeat = 0; repeat < repeats; repeat++) {
    measured.peer.push(await peer(repeat === 0))
    measured.godwit.push(await godwit(repeat === 0))
  }
  return measured
}

/** One to the other within each pair. */
export function ratioOf(ones: readonly number[], others: readonly number[]): Spread {
  return spreadOf(ones.map((one, i) => one / (others[i] as number)))
}
