/** The city's own published values, asked for once. */
import { ref } from 'vue'
import { api, body, type Schemas } from '@/api/client'

const city = ref<Schemas['CityPage']>()
let asked: Promise<void> | undefined

/** On a slow line the page itself goes first. */
const quiet = (): Promise<void> => new Promise((go) => window.setTimeout(go, 600))

/** `valueOf('limits', 'data_error')`, undefined until the city has answered. */
export function useCity(): { valueOf: <T>(section: string, key: string) => T | undefined } {
  asked ??= quiet()
    .then(() => body(api.GET('/v1/city')))
    .then(
      (said) => void (city.value = said),
      () => void (asked = undefined),
    )
  return {
    valueOf: <T>(section: string, key: string) =>
      city.value?.sections[section]?.[key]?.value as T | undefined,
  }
}
