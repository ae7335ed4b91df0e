/** Ids of messages on the wire of a peer: one run's own, because archives remember. */
const prefix = `b${process.pid.toString(36)}${Date.now().toString(36)}-`

export const messageIdOf = (n: number): string => prefix + n

/** The number of one of our messages, or -1 for any other id. */
export function numberOf(id: string | null): number {
  return id?.startsWith(prefix) ? Number(id.slice(prefix.length)) : -1
}
