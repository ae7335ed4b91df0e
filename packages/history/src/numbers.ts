/** Numbers for names, from 1: they fit into columns. */
export class Numbers {
  readonly #numbers = new Map<string, number>()
  readonly #names = ['']

  of(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known
    const number = this.#names.push(name) - 1
    this.#numbers.set(name, number)
    return number
  }

  nameOf(number: number): string {
    return this.#names[number] as string
  }
}
