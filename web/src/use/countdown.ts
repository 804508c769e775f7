/**
 * Seconds until a moment of the server's clock. Only the time that passes is this device's: what the
 * clock on its wall says plays no part, and a sleeping phone wakes to the right number.
 */
import { onBeforeUnmount, ref, watchEffect, type Ref } from 'vue'

export interface Until {
  until: string
  now: string
}

/** Kept with what was read: when it ends, by this device's own counting. */
export const endOf = (said: Until): number => Date.now() + Date.parse(said.until) - Date.parse(said.now)

export function useCountdown(end: () => number | undefined): Ref<number> {
  const left = ref(0)
  const count = (): void => {
    left.value = Math.max(0, Math.ceil(((end() ?? 0) - Date.now()) / 1000))
  }
  const timer = window.setInterval(count, 500)
  watchEffect(count)
  onBeforeUnmount(() => window.clearInterval(timer))
  return left
}
