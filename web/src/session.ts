/** Who is signed in on this device. The token lives as long as the tab, and no longer. */
import { computed, ref } from 'vue'

export interface Session {
  token: string
  subject: string
  roles: string[]
  /** Seconds since 1970. */
  ends: number
  /** The word for the next token, good for one use; people who sign in for themselves have none. */
  renewal?: string
}

const KEY = 'chepai.session'
const RENEWED_BEFORE = 3 * 60 * 1000

function read(): Session | null {
  const kept = sessionStorage.getItem(KEY)
  const known = kept ? (JSON.parse(kept) as Session) : null
  return known && known.ends * 1000 > Date.now() ? known : null
}

export const session = ref<Session | null>(read())

export const isStaff = computed(() => session.value?.subject.startsWith('sta_') ?? false)

let timer: number | undefined
let seen = Date.now()

export function signIn(token: string, renewal?: string): Session {
  const middle = token.split('.')[1] ?? ''
  const claims = JSON.parse(atob(middle.replace(/-/g, '+').replace(/_/g, '/'))) as {
    sub: string
    scope: string
    exp: number
  }
  const made: Session = {
    token,
    subject: claims.sub,
    roles: claims.scope.split(' '),
    ends: claims.exp,
    ...(renewal ? { renewal } : {}),
  }
  sessionStorage.setItem(KEY, JSON.stringify(made))
  session.value = made
  keep(made)
  return made
}

export function signOut(): void {
  const word = session.value?.renewal
  window.clearTimeout(timer)
  sessionStorage.removeItem(KEY)
  session.value = null
  if (word) void ask('/sandbox/identity/staff/sessions/end', word).catch(() => undefined)
}

const ask = (path: string, word: string): Promise<Response> =>
  fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: word }),
  })

/** Whoever works goes on; a desk that nobody touched since the last token is left alone. */
function keep(made: Session): void {
  window.clearTimeout(timer)
  if (!made.renewal) return
  timer = window.setTimeout(() => void renew(made), made.ends * 1000 - Date.now() - RENEWED_BEFORE)
}

async function renew(made: Session): Promise<void> {
  const idle = Date.now() - seen > made.ends * 1000 - Date.now() + 10 * 60 * 1000
  if (idle || !made.renewal) return
  try {
    const answer = await ask('/sandbox/identity/staff/renewals', made.renewal)
    if (!answer.ok) throw new Error(String(answer.status))
    const given = (await answer.json()) as { access_token: string; refresh_token: string }
    signIn(given.access_token, given.refresh_token)
  } catch {
    // The token runs out by itself; the next request then asks for a new sign-in.
  }
}

for (const sign of ['keydown', 'pointerdown']) {
  window.addEventListener(sign, () => (seen = Date.now()), { passive: true })
}
if (session.value) keep(session.value)
