/** What agencies supplied, row by row, in the words of the page. */
import { yuan } from '@/use/showing'

export interface Group {
  kind: string
  rows: { name: string; said: string }[]
}

const HIDDEN = new Set(['params', 'status', 'form', 'kind', 'vin', 'result', 'flags', 'record_no'])
type Say = (key: string) => string
type Knows = (key: string) => boolean

function shown(name: string, said: unknown, t: Say, te: Knows): string {
  if (name.endsWith('_fen')) return yuan(said as number)
  if (typeof said === 'boolean') return t(said ? 'yes' : 'no')
  return te(`value.${String(said)}`) ? t(`value.${String(said)}`) : String(said)
}

/** Agencies' facts that have anything to show; what the page has no words for is left out. */
export function factsShown(facts: Record<string, Record<string, unknown>>, t: Say, te: Knows): Group[] {
  return Object.entries(facts)
    .map(([kind, said]) => ({
      kind,
      rows: Object.entries(said)
        .filter(([name, value]) => !HIDDEN.has(name) && te(`field.${name}`) && value !== '')
        .map(([name, value]) => ({ name, said: shown(name, value, t, te) })),
    }))
    .filter((group) => group.rows.length && te(`kind.${group.kind}`))
}
