/** Seconds until a moment of the server's clock; a sleeping phone wakes to the right number. */
import { onBeforeUnmount, ref, watchEffect, type Ref } from 'vue'
import { now } from '@/api/client'

export function useCountdown(until: () => string | undefined): Ref<number> {
  const left = ref(0)
  const count = (): void => {
    const end = until()
    left.value = end ? Math.max(0, Math.ceil((Date.parse(end) - now()) / 1000)) : 0
  }
  const timer = window.setInterval(count, 500)
  watchEffect(count)
  onBeforeUnmount(() => window.clearInterval(timer))
  return left
}
