/** Texts that the city sends in both languages beside every code. */
import { language } from '@/texts'

export type Words = Record<string, unknown> | undefined | null

/** One part (title, detail, do …) of such a text in the language of the page. */
export function say(words: Words, part = 'title'): string {
  const all = words as Record<string, Record<string, string> | undefined> | undefined | null
  return all?.[language.value]?.[part] ?? all?.['zh-CN']?.[part] ?? ''
}
