/** Headers on every answer. */
import { createHash } from 'node:crypto'

/** Content-Security-Policy of a page. Scripts and styles are files of ours, or stand in the page itself as it was built. */
export function contentSecurityPolicy(page: string): string {
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...hashes(page, 'script')].join(' ')}`,
    `style-src ${["'self'", ...hashes(page, 'style')].join(' ')}`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** Of the texts of a page's inline elements. */
function hashes(page: string, element: 'script' | 'style'): string[] {
  const inline = page.matchAll(new RegExp(`<${element}(?![^>]*\\bsrc=)[^>]*>([\\s\\S]*?)</${element}>`, 'g'))
  return [...inline].map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
}

export function securityHeaders(tls: boolean): Record<string, string> {
  return {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    // Everything that is not a page is data: nothing in it may run.
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    ...(tls && { 'strict-transport-security': 'max-age=31536000' }),
  }
}
