/** What a person set on this device: the elder mode. It is presentation only, nothing is sent. */
import { ref, watch } from 'vue'

const KEY = 'chepai.elder'

export const elder = ref(localStorage.getItem(KEY) === 'on')

export function applySettings(): void {
  watch(
    elder,
    (on) => {
      document.documentElement.dataset.elder = on ? 'on' : 'off'
      localStorage.setItem(KEY, on ? 'on' : 'off')
    },
    { immediate: true },
  )
}
