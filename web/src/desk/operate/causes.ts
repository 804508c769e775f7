/** Why a case is stuck, in words; what nobody has words for is shown as it is kept. */
import { i18n } from '@/texts'

export function cause(kept: string): string {
  const [word = '', more = ''] = kept.split(':')
  const key = `operate.cause.${word}`
  const { t, te } = i18n.global
  return te(key) ? t(key) + (more ? ` (${more})` : '') : kept
}
