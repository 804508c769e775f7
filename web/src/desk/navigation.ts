/** What the signed-in member of staff may open, as the side navigation and the first page list it. */
import { computed } from 'vue'
import { session } from '@/session'
import { pages } from './routes'

export const mine = computed(() =>
  pages.filter(
    ({ meta }) =>
      meta?.nav && (meta.needs ?? []).some((role) => session.value?.roles.includes(role)),
  ),
)
