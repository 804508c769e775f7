/** Whom a clerk serves at the counter: the citizen's own pages then work for that person. */
import { ref, watch } from 'vue'
import { isStaff, session } from '@/session'

export interface Serving {
  session: string
  person: string
  name: string
  id: string
  elder: boolean
  until: string
  aids: string[]
  /** How they want to be told of what they file. */
  notice: 'SMS' | 'LETTER' | 'CALL'
  /** For whom the person at the counter is an agent, while they act for them. */
  principal: string
}

const KEY = 'chepai.serving'
// The citizen's own routes, and what only a desk does in a session.
const SERVED = /^\/v1\/(me|applications|new-car-registrations|certificate-reissues|inspection-slots)\b|^\/v1\/staff\/applications\/[^/]+\/(read-back|takings)$/

function read(): Serving | null {
  const kept = sessionStorage.getItem(KEY)
  const known = kept ? (JSON.parse(kept) as Serving) : null
  return known && Date.parse(known.until) > Date.now() ? known : null
}

export const serving = ref<Serving | null>(read())

export function serve(now: Serving | null): void {
  if (now) sessionStorage.setItem(KEY, JSON.stringify(now))
  else sessionStorage.removeItem(KEY)
  serving.value = now
}

/** The headers by which a request is made for whom the clerk serves. */
export function headersOf(path: string): Record<string, string> {
  const now = serving.value
  if (!now || !isStaff.value || !SERVED.test(path)) return {}
  return { 'on-behalf-of': now.principal || now.person, 'counter-session': now.session }
}

watch(session, (now) => {
  if (!now) serve(null)
})
