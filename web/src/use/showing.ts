/** How dates, times and money are written on every page. */
import { language } from '@/texts'

const CITY = 'Asia/Shanghai'

export function day(text: string | null | undefined): string {
  if (!text) return ''
  const at = text.length === 10 ? new Date(`${text}T12:00:00+08:00`) : new Date(text)
  return new Intl.DateTimeFormat(language.value, { dateStyle: 'medium', timeZone: CITY }).format(at)
}

export function time(text: string | null | undefined): string {
  if (!text) return ''
  return new Intl.DateTimeFormat(language.value, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: CITY,
  }).format(new Date(text))
}

/** Fen as yuan; every fee is a whole number of fen. */
export function yuan(fen: number | null | undefined): string {
  return new Intl.NumberFormat(language.value, { style: 'currency', currency: 'CNY' }).format(
    (fen ?? 0) / 100,
  )
}
