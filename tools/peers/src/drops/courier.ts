/** The applications of everybody in a run of drops, whatever carries their messages. */
export interface Couriers {
  /** Resolves when the sender is told that the message is taken; rejects when its client gives up. */
  send(from: number, to: number, message: Message): Promise<void>
  end(): Promise<void>
}

export interface Message {
  readonly id: string
  readonly text: string
}

/** Called for each message that a client tells its application, repeats included. */
export type Heard = (by: number, id: string) => void
