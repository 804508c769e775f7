/** How figures are written: lengths of time, shares, months, in the language of the page. */
import { language } from '@/texts'

type Say = (key: string, values: Record<string, unknown>) => string

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const rounded = (value: number): string =>
  new Intl.NumberFormat(language.value, { maximumSignificantDigits: value < 10 ? 2 : 3 }).format(value)

export const whole = (value: number): string => new Intl.NumberFormat(language.value).format(value)

/** A length of time in the largest unit that fits; a dash where nothing was measured. */
export function lasted(ms: number | null | undefined, t: Say): string {
  if (ms === null || ms === undefined) return '—'
  if (ms < MINUTE) return t('figures.seconds', { n: rounded(Math.max(ms, 10) / 1000) })
  if (ms < HOUR) return t('figures.minutes', { n: rounded(ms / MINUTE) })
  if (ms < 2 * DAY) return t('figures.hours', { n: rounded(ms / HOUR) })
  return t('figures.days', { n: rounded(ms / DAY) })
}

/** One unit for a whole axis: by how much to divide, and how a value of it is written. */
export function scale(longest: number, t: Say): { unit: number; show: (value: number) => string } {
  const [unit, key] =
    longest >= 2 * DAY ? [DAY, 'days'] : longest >= 2 * HOUR ? [HOUR, 'hours'] : longest >= 2 * MINUTE ? [MINUTE, 'minutes'] : [1000, 'seconds']
  return { unit: unit as number, show: (value) => t(`figures.${key}`, { n: rounded(value) }) }
}

export function percent(share: number | null | undefined): string {
  if (share === null || share === undefined) return '—'
  return new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: 1 }).format(share)
}

/** "2026-11" as people write it. */
export function month(text: string): string {
  const at = new Date(`${text}-15T12:00:00+08:00`)
  return new Intl.DateTimeFormat(language.value, { timeZone: 'Asia/Shanghai', year: 'numeric', month: 'short' }).format(at)
}

/** "2026-11-24" without the year. */
export function shortDay(text: string): string {
  const at = new Date(`${text}T12:00:00+08:00`)
  return new Intl.DateTimeFormat(language.value, { timeZone: 'Asia/Shanghai', month: 'numeric', day: 'numeric' }).format(at)
}
