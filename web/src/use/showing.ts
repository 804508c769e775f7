/** How dates, times and money are written on every page. */
import { language } from '@/texts'

const CITY = 'Asia/Shanghai'

const said = (options: Intl.DateTimeFormatOptions, at: Date): string =>
  new Intl.DateTimeFormat(language.value, { timeZone: CITY, ...options }).format(at)

export function day(text: string | null | undefined): string {
  if (!text) return ''
  const at = text.length === 10 ? new Date(`${text}T12:00:00+08:00`) : new Date(text)
  return said({ dateStyle: 'medium' }, at)
}

/** With the day of the week, by which people make appointments. */
export function weekday(text: string): string {
  return said({ month: 'long', day: 'numeric', weekday: 'short' }, new Date(`${text}T12:00:00+08:00`))
}

export function time(text: string | null | undefined): string {
  return text ? said({ dateStyle: 'medium', timeStyle: 'short' }, new Date(text)) : ''
}

/** An end at midnight is the end of the day before, as people say it. */
export function until(text: string | null | undefined): string {
  if (!text) return ''
  const before = new Date(Date.parse(text) - 1000)
  const midnight = said({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, new Date(text)) === '00:00'
  return midnight ? `${said({ dateStyle: 'medium' }, before)} 24:00` : time(text)
}

/** Today only the hour is news. */
export function lately(text: string | null | undefined): string {
  if (!text) return ''
  const at = new Date(text)
  const short: Intl.DateTimeFormatOptions = { dateStyle: 'short' }
  return said(short, at) === said(short, new Date()) ? said({ timeStyle: 'short' }, at) : time(text)
}

/** Fen as yuan; every fee is a whole number of fen. */
export function yuan(fen: number | null | undefined): string {
  return new Intl.NumberFormat(language.value, {
    style: 'currency',
    currency: 'CNY',
    currencyDisplay: 'narrowSymbol',
    trailingZeroDisplay: 'stripIfInteger',
  } as Intl.NumberFormatOptions).format((fen ?? 0) / 100)
}
