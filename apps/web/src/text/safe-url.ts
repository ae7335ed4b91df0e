const allowed = new Set(['http:', 'https:', 'mailto:'])

/** The address in normal form, or null when its scheme is not on the list (T20). */
export function safeUrl(href: string): string | null {
  let url: URL
  try {
    url = new URL(href)
  } catch {
    return null
  }
  return allowed.has(url.protocol) ? url.href : null
}
