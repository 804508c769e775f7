/** The city's time with seconds: on these pages a few of them are news. */
import { language } from '@/texts'

export function clock(text: string | null | undefined): string {
  if (!text) return ''
  const at = new Date(text)
  const said = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(language.value, { timeZone: 'Asia/Shanghai', ...options }).format(at)
  const hour = said({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })
  const day = said({ dateStyle: 'short' })
  const today = new Intl.DateTimeFormat(language.value, { timeZone: 'Asia/Shanghai', dateStyle: 'short' }).format(new Date())
  return day === today ? hour : `${day} ${hour}`
}
