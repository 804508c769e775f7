/** The one way to the city: typed by docs/openapi.json, signed in, and loud about refusals. */
import createClient, { type Middleware } from 'openapi-fetch'
import { ref } from 'vue'
import { language } from '@/texts'
import { session, signOut } from '@/session'
import { headersOf, serve } from '@/use/serving'
import { Refused, Unreachable, type Problem } from './problem'
import type { components, paths } from './schema'

/** The session at the counter has ended of itself. */
const SESSION_OVER = 'VR-220'

export type Schemas = components['schemas']

/** Whether the last request came through; pages show a quiet line while it did not. */
export const online = ref(true)

/** How far the server's clock is ahead of this device's, in milliseconds: the server's decides. */
export const clockOffset = ref(0)

export const now = (): number => Date.now() + clockOffset.value

const middleware: Middleware = {
  onRequest({ request }) {
    request.headers.set('accept-language', language.value)
    if (session.value) request.headers.set('authorization', `Bearer ${session.value.token}`)
    for (const [name, said] of Object.entries(headersOf(new URL(request.url).pathname))) {
      request.headers.set(name, said)
    }
    return request
  },
  async onResponse({ response }) {
    online.value = true
    const date = response.headers.get('date')
    if (date) clockOffset.value = Date.parse(date) - Date.now()
    if (response.ok || response.status === 304) return
    if (response.status === 401) signOut()
    const problem = (await response.clone().json().catch(() => ({}))) as Partial<Problem>
    if (problem.code === SESSION_OVER) serve(null)
    throw new Refused({
      ...problem,
      status: response.status,
      code: problem.code ?? `HTTP-${response.status}`,
    })
  },
  onError() {
    online.value = false
    throw new Unreachable()
  },
}

export const api = createClient<paths>({ baseUrl: '' })
api.use(middleware)

/** The body of an answer: everything else was thrown on the way. */
export async function body<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T
}
