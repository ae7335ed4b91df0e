/** Times as people say them, in the language of the browser. */
const halfDays = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions().hour12 === true
const clock = new Intl.DateTimeFormat(undefined, { hour: halfDays ? 'numeric' : '2-digit', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' })
const weekdayShort = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })
const fullDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const numericDay = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: '2-digit', year: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' })

const dayMs = 86_400_000

/** Number of the local day, so that two times on one day are equal. */
export function dayNumber(at: number): number {
  const date = new Date(at)
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / dayMs)
}

/** "14:05" */
export function clockTime(at: number): string {
  return clock.format(at)
}

/** For a tooltip: everything. */
export function fullTime(at: number): string {
  return full.format(at)
}

/** "Today", "Yesterday", "Monday", "Monday, 3 March", "3 March 2024" */
export function dayName(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days === 0 || days === 1) return capital(relative.format(-days, 'day'))
  if (days > 1 && days < 7) return capital(weekday.format(at))
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? capital(dayOfYear.format(at)) : fullDay.format(at)
}

/** For a row of the list: "14:05", "Yesterday", "Mon", "3 Mar", "03/03/24" */
export function listTime(at: number, now: number): string {
  const days = dayNumber(now) - dayNumber(at)
  if (days <= 0) return clock.format(at)
  if (days === 1) return capital(relative.format(-1, 'day'))
  if (days < 7) return weekdayShort.format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? shortDay.format(at) : numericDay.format(at)
}

/** "5 minutes ago", "yesterday", "3 March 2024" */
export function ago(at: number, now: number): string {
  const minutes = Math.round((now - at) / 60_000)
  if (minutes < 1) return relative.format(0, 'minute')
  if (minutes < 60) return relative.format(-minutes, 'minute')
  const hours = Math.round(minutes / 60)
  if (hours < 24) return relative.format(-hours, 'hour')
  const days = Math.round(hours / 24)
  return days < 7 ? relative.format(-days, 'day') : fullDay.format(at)
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1)
}
