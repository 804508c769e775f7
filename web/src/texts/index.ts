/** The page's own words: Chinese first, English loaded when asked for. */
import { nextTick } from 'vue'
import { createI18n } from 'vue-i18n'
import zh from './zh-CN.json'

export type Language = 'zh-CN' | 'en'

const KEY = 'chepai.language'

function first(): Language {
  const kept = localStorage.getItem(KEY)
  return kept === 'en' ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh } as Record<string, typeof zh>,
})

export const language = i18n.global.locale

export async function speak(wanted: Language): Promise<void> {
  localStorage.setItem(KEY, wanted)
  if (wanted === 'en' && !i18n.global.availableLocales.includes('en')) {
    i18n.global.setLocaleMessage('en', (await import('./en.json')).default)
  }
  language.value = wanted
  await nextTick()
  document.documentElement.lang = wanted
}

export const speakFirst = (): Promise<void> => speak(first())
