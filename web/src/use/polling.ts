/** Look again and again while somebody looks at the page; nobody looking costs nothing. */
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import { Refused } from '@/api/problem'

export interface Polled<T> {
  value: Ref<T | undefined>
  failure: Ref<unknown>
  look: () => Promise<void>
}

const AT_LEAST = 2000
const AT_MOST = 30_000

/** Whether looking again may help: the line, a busy city or a moment's trouble. A refusal stays. */
export function passes(error: unknown): boolean {
  if (!(error instanceof Refused)) return true
  return error.problem.status >= 500 || [408, 425, 429].includes(error.problem.status)
}

/**
 * `read` is asked every `pause` milliseconds, 0 ends it; after a failure that may pass with growing
 * pauses. What was read before stays on the page meanwhile.
 */
export function usePolling<T>(read: () => Promise<T>, pause: (last: T) => number): Polled<T> {
  const value = ref<T>() as Ref<T | undefined>
  const failure = ref<unknown>()
  let timer: number | undefined
  let failed = 0
  let turn = 0
  let over = false

  async function look(): Promise<void> {
    window.clearTimeout(timer)
    const mine = ++turn
    let wait: number
    try {
      const read_ = await read()
      if (mine !== turn) return
      value.value = read_
      failure.value = undefined
      failed = 0
      wait = pause(read_)
    } catch (error) {
      if (mine !== turn) return
      failure.value = error
      failed += 1
      wait = passes(error) ? Math.min(AT_MOST, AT_LEAST * 2 ** (failed - 1)) : 0
    }
    if (!over && wait > 0 && !document.hidden) timer = window.setTimeout(look, wait)
  }

  function seen(): void {
    if (!document.hidden) void look()
  }

  onMounted(() => {
    void look()
    document.addEventListener('visibilitychange', seen)
    window.addEventListener('online', seen)
  })
  onBeforeUnmount(() => {
    over = true
    window.clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
    window.removeEventListener('online', seen)
  })
  return { value, failure, look }
}
