/** The platform's WebSocket with an ear on what comes in, before the SDK sees it. */
export function tapped(hear: (frame: string) => void): typeof WebSocket {
  return class extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args)
      this.addEventListener('message', ({ data }) => {
        if (typeof data === 'string') hear(data)
      })
    }
  }
}
