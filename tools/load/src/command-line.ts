/** What stands behind the name of a command: each tool reads its own options, and all of them answer `--help` and mistakes alike. */

/**
 * What `read` makes of the command line. Where it answers 'help', prints that and ends the process with exit code 0; where it throws,
 * prints the message in one line and the help beneath, and ends it with exit code 2. So the message says what to do instead.
 */
export function optionsOrExit<T>(help: string, read: (args: readonly string[]) => T | 'help'): T {
  try {
    const given = read(process.argv.slice(2))
    if (given !== 'help') return given
    console.log(help)
    return process.exit(0)
  } catch (error) {
    // Node tells in three lines that a value is missing.
    console.error(`${(error as Error).message.replaceAll('\n', ' ')}\n\n${help}`)
    return process.exit(2)
  }
}

/** Throws on anything but a whole number from `least` on. `name` is what the message calls it: `--kills`. */
export function wholeNumber(name: string, text: string, least = 1): number {
  const value = numberOf(text)
  if (!Number.isSafeInteger(value) || value < least) throw new Error(`${name} must be a whole number from ${least} on, not ${text}`)
  return value
}

/** Throws on anything but a finite number above 0. `name` is what the message calls it: `--seconds`. */
export function positiveNumber(name: string, text: string): number {
  const value = numberOf(text)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`${name} must be a number above 0, not ${text}`)
  return value
}

// Number('') is 0.
const numberOf = (text: string) => (text.trim() === '' ? Number.NaN : Number(text))
