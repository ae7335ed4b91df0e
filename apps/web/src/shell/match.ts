/** How well typed letters fit a name: 0 for not at all; the start of the name, then of a word, then letters in order. */
export function matchScore(name: string, wanted: string): number {
  const text = fold(name)
  const letters = fold(wanted).trim()
  if (letters === '') return 1
  if (text.startsWith(letters)) return 4
  if (text.split(/[\s._-]+/u).some((word) => word.startsWith(letters))) return 3
  if (text.includes(letters)) return 2
  let at = 0
  for (const letter of letters) {
    at = text.indexOf(letter, at) + 1
    if (at === 0) return 0
  }
  return 1
}

/** Without case and accents. */
function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}
