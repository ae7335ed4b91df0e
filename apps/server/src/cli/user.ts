/** `godwit user add` and `godwit token`. */
import { type Login, openApiClient } from './api.ts'
import { CliError, printLine } from './output.ts'

export async function addUser(login: Login, displayName: string | undefined): Promise<void> {
  if (!login.password) throw new CliError('USAGE', 'give --password (or GODWIT_PASSWORD)')
  const api = openApiClient(login, Date.now())
  const { userId } = await api.register(displayName)
  printLine({ userId, name: login.user })
  await api.close()
}

/** Logs in as a new device and prints its tokens: for GODWIT_TOKEN, or for a program of one's own. */
export async function printToken(login: Login): Promise<void> {
  if (!login.user || !login.password) throw new CliError('USAGE', 'give --user and --password (or GODWIT_USER and GODWIT_PASSWORD)')
  const api = openApiClient({ ...login, token: undefined }, Date.now())
  printLine(await api.logIn())
}
