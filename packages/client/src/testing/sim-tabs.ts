/** Tabs of one browser in virtual time: one lock, one channel, and a crash that releases what the tab held. */
import type { Tabs } from '../tabs.ts'

interface SimTab extends Tabs {
  readonly listeners: Set<(message: unknown) => void>
}

export class SimTabs {
  #open: SimTab[] = []
  #waiting: { tab: SimTab; lead: () => void }[] = []
  #leader: SimTab | null = null
  #tokens: Promise<unknown> = Promise.resolve()

  tab(): Tabs {
    const tab: SimTab = {
      listeners: new Set(),
      lead: (lead) => {
        this.#waiting.push({ tab, lead })
        queueMicrotask(() => this.#next())
        return () => this.#leave(tab)
      },
      exclusively: <T>(task: () => Promise<T>) => {
        const result = this.#tokens.then(task)
        this.#tokens = result.catch(() => {})
        return result
      },
      post: (message) => {
        const copy: unknown = structuredClone(message)
        for (const other of this.#open) if (other !== tab) for (const listener of other.listeners) queueMicrotask(() => listener(copy))
      },
      listen: (listener) => {
        tab.listeners.add(listener)
        return () => tab.listeners.delete(listener)
      },
    }
    this.#open.push(tab)
    return tab
  }

  crash(gone: Tabs | undefined): void {
    const tab = this.#open.find((one) => one === gone)
    this.#open = this.#open.filter((one) => one !== gone)
    tab?.listeners.clear()
    if (tab) this.#leave(tab)
  }

  #leave(tab: SimTab): void {
    this.#waiting = this.#waiting.filter((one) => one.tab !== tab)
    if (this.#leader === tab) this.#leader = null
    this.#next()
  }

  #next(): void {
    if (this.#leader) return
    const next = this.#waiting.shift()
    if (!next) return
    this.#leader = next.tab
    next.lead()
  }
}
