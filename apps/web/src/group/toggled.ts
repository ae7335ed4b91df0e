import type { UserProfile } from '@godwit/protocol/summary.ts'

/** Without `user` if they were chosen, else with them. */
export function toggled(chosen: readonly UserProfile[], user: UserProfile): readonly UserProfile[] {
  return chosen.some((one) => one.userId === user.userId) ? chosen.filter((one) => one.userId !== user.userId) : [...chosen, user]
}
