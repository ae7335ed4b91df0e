/** The server cannot start, for a reason that the operator can mend. Exit code 2, the message alone. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
