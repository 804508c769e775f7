/** One act at a time: a double tap is one act, and what failed is said where it was tried. */
import { ref, type Ref } from 'vue'

export interface Doing {
  busy: Ref<boolean>
  failure: Ref<unknown>
  run: (work: () => Promise<unknown>) => Promise<boolean>
}

export function useDoing(): Doing {
  const busy = ref(false)
  const failure = ref<unknown>()

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    failure.value = undefined
    try {
      await work()
      return true
    } catch (error) {
      failure.value = error
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, failure, run }
}
