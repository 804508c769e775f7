/** Who is signed in on this device. The token lives as long as the tab, and no longer. */
import { computed, ref } from 'vue'

export interface Session {
  token: string
  subject: string
  roles: string[]
  /** Seconds since 1970. */
  ends: number
}

const KEY = 'chepai.session'

function read(): Session | null {
  const kept = sessionStorage.getItem(KEY)
  const known = kept ? (JSON.parse(kept) as Session) : null
  return known && known.ends * 1000 > Date.now() ? known : null
}

export const session = ref<Session | null>(read())

export const isStaff = computed(() => session.value?.subject.startsWith('sta_') ?? false)

export function signIn(token: string): Session {
  const middle = token.split('.')[1] ?? ''
  const claims = JSON.parse(atob(middle.replace(/-/g, '+').replace(/_/g, '/'))) as {
    sub: string
    scope: string
    exp: number
  }
  const made = { token, subject: claims.sub, roles: claims.scope.split(' '), ends: claims.exp }
  sessionStorage.setItem(KEY, JSON.stringify(made))
  session.value = made
  return made
}

export function signOut(): void {
  sessionStorage.removeItem(KEY)
  session.value = null
}
