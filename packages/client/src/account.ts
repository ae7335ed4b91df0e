/** One's own account, and finding people. */
import type { MePatch } from '@godwit/protocol/api.ts'
import type { UserId } from '@godwit/protocol/ids.ts'
import type { Api } from './api.ts'
import type { Profiles } from './profiles.ts'

export class Account {
  readonly #api: Api
  readonly #profiles: Profiles

  constructor(api: Api, profiles: Profiles) {
    this.#api = api
    this.#profiles = profiles
  }

  readonly me = async () => this.#learn(await this.#api.me())
  readonly updateMe = async (patch: MePatch) => this.#learn(await this.#api.updateMe(patch))

  readonly changePassword = async (password: string, newPassword: string): Promise<void> => {
    await this.#api.changePassword({ password, newPassword })
  }

  readonly devices = async () => (await this.#api.devices()).devices

  readonly revokeDevice = async (deviceId: string): Promise<void> => {
    await this.#api.revokeDevice(deviceId)
  }

  readonly blocks = async () => {
    const { users } = await this.#api.blocks()
    this.#profiles.add(users)
    return users
  }

  readonly block = async (userId: UserId): Promise<void> => {
    await this.#api.block(userId)
  }

  readonly unblock = async (userId: UserId): Promise<void> => {
    await this.#api.unblock(userId)
  }

  readonly findUser = async (name: string) => {
    const { users } = await this.#api.users({ name })
    this.#profiles.add(users)
    return users[0] ?? null
  }

  #learn<T extends Awaited<ReturnType<Api['me']>>>(me: T): T {
    const { userId, name, displayName } = me
    this.#profiles.add([{ userId, name, displayName }])
    return me
  }
}
