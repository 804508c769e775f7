/** The page's own words: Chinese first, English and the words of a desk loaded when asked for. */
import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import zh from './zh-CN.json'

export type Language = 'zh-CN' | 'en'

type Texts = typeof zh

const KEY = 'chepai.language'

/** `./<area>/<language>.json`: what only some pages say. */
const areas = import.meta.glob<Partial<Texts>>('./*/*.json', { import: 'default' })
const wanted = new Set<string>()

export const AREAS = [...new Set(Object.keys(areas).map((path) => path.split('/')[1] ?? ''))]

function first(): Language {
  const kept = localStorage.getItem(KEY)
  return kept === 'en' ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh } as Record<string, Texts>,
})

export const language = i18n.global.locale

async function load(area: string, spoken: Language): Promise<void> {
  const read = areas[`./${area}/${spoken}.json`]
  if (read) i18n.global.mergeLocaleMessage(spoken, await read())
}

/** Have the words of these areas at hand before a page says them. */
export async function fetchTexts(asked: readonly string[]): Promise<void> {
  const missing = asked.filter((area) => !wanted.has(area))
  await Promise.all(missing.map((area) => load(area, language.value as Language)))
  for (const area of missing) wanted.add(area)
}

export async function speak(spoken: Language): Promise<void> {
  localStorage.setItem(KEY, spoken)
  if (spoken === 'en' && !i18n.global.availableLocales.includes('en')) {
    i18n.global.setLocaleMessage('en', (await import('./en.json')).default)
  }
  await Promise.all([...wanted].map((area) => load(area, spoken)))
  language.value = spoken
  await nextTick()
  document.documentElement.lang = spoken
}

export const speakFirst = (): Promise<void> => speak(first())
