/** One line that is written over on a terminal; elsewhere a line every ten seconds. */
export interface LiveLine {
  show(text: string): void
  end(): void
}

const plainEveryMs = 10_000

export function liveLine(): LiveLine {
  const begun = performance.now()
  let shownAt = 0
  let isOpen = false
  return {
    show(text) {
      const line = `${((performance.now() - begun) / 1_000).toFixed(0).padStart(4)} s  ${text}`
      if (process.stdout.isTTY) {
        process.stdout.write(`\r\u001b[2K${line.slice(0, process.stdout.columns - 1)}`)
        isOpen = true
      } else if (performance.now() - shownAt > plainEveryMs) {
        shownAt = performance.now()
        console.log(line)
      }
    },
    end() {
      if (isOpen) process.stdout.write('\n')
      isOpen = false
    },
  }
}
