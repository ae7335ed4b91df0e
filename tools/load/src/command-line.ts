/** What stands behind the name of a command: each tool reads its own options, and all of them answer `--help` and mistakes alike. */

/**
 * What `read` makes of the command line. Asked for `--help`, prints that and ends the process with exit code 0; where `read` throws, prints
 * the message in one line and the help beneath, and ends it with exit code 2. So `read` throws messages that say what to type.
 */
export function optionsOrExit<T>(help: string, read: (args: readonly string[]) => T): T {
  const args = process.argv.slice(2)
  if (args.some((arg) => arg === '--help' || arg === '-h')) {
    console.log(help)
    return process.exit(0)
  }
  try {
    return read(args)
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
