/**
 * What was typed and not sent yet, and which case it is about: kept in this tab alone, by person,
 * so that a reload or a lapsed sign-in loses nothing and the next person at the device finds nothing.
 */
import { ref, watch, type Ref } from 'vue'
import { session } from '@/session'
import { serving } from '@/use/serving'

const PREFIX = 'chepai.mine.'
const OWNER = 'chepai.mine-of'
const CASE = `${PREFIX}case`

/** The case opened last: its number is what a caller tells the hotline, on whatever page. */
export const lastCase = ref(sessionStorage.getItem(CASE) ?? '')
watch(lastCase, (id) => sessionStorage.setItem(CASE, id))

function own(): void {
  // At a counter the drafts are those of whom the clerk serves, and end with the session.
  const subject = serving.value?.person ?? session.value?.subject
  if (!subject || sessionStorage.getItem(OWNER) === subject) return
  forgetDrafts()
  sessionStorage.setItem(OWNER, subject)
}

/** At sign-out, and when somebody else signs in. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) || key.startsWith('chepai.key.')) sessionStorage.removeItem(key)
  }
  sessionStorage.removeItem(OWNER)
  lastCase.value = ''
}

/** A text that is kept with each change; an empty one is not kept. */
export function useDraft(name: string): Ref<string> {
  own()
  const text = ref(sessionStorage.getItem(PREFIX + name) ?? '')
  watch(text, (now) => {
    if (now) sessionStorage.setItem(PREFIX + name, now)
    else sessionStorage.removeItem(PREFIX + name)
  }, { flush: 'sync' })
  return text
}

watch([session, serving], own, { immediate: true })
