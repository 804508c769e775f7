/** Look again and again while somebody looks at the page; nobody looking costs nothing. */
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import { Unreachable } from '@/api/problem'

export interface Polled<T> {
  value: Ref<T | undefined>
  failure: Ref<unknown>
  look: () => Promise<void>
}

/**
 * `read` is asked every `pause` milliseconds; after a failure of the line with growing pauses. What
 * was read before stays on the page meanwhile.
 */
export function usePolling<T>(read: () => Promise<T>, pause: (last: T) => number): Polled<T> {
  const value = ref<T>() as Ref<T | undefined>
  const failure = ref<unknown>()
  let timer: number | undefined
  let tries = 0
  let over = false

  async function look(): Promise<void> {
    window.clearTimeout(timer)
    let wait = 0
    try {
      value.value = await read()
      failure.value = undefined
      tries = 0
      wait = pause(value.value)
    } catch (error) {
      failure.value = error
      tries += 1
      wait = error instanceof Unreachable ? Math.min(30_000, 1000 * 2 ** tries) : 0
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
