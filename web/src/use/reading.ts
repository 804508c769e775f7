/** Reading the page aloud, where the device has a voice for its language; elsewhere nothing shows. */
import { computed, onBeforeUnmount, ref, type ComputedRef, type Ref } from 'vue'
import { language } from '@/texts'

const speech = 'speechSynthesis' in window ? window.speechSynthesis : undefined
const voices = ref<SpeechSynthesisVoice[]>(speech?.getVoices() ?? [])
speech?.addEventListener?.('voiceschanged', () => (voices.value = speech.getVoices()))

const voice = computed(() => voices.value.find((each) => each.lang.replace('_', '-').startsWith(language.value.slice(0, 2))))

/** What a reader would say of an element: headings, texts, names of buttons; nothing that is hidden. */
function words(from: HTMLElement): string[] {
  const said: string[] = []
  for (const each of from.querySelectorAll<HTMLElement>('h1, h2, h3, p, li, dt, dd, legend, label, a.button, button, th, td')) {
    if (each.closest('[data-silent], [aria-hidden="true"]') || !each.checkVisibility()) continue
    if (each.parentElement?.closest('li, dd, label, p, td') && from.contains(each.parentElement.closest('li, dd, label, p, td'))) continue
    const label = each.querySelector('[role="img"][aria-label]')?.getAttribute('aria-label')
    const text = label ?? each.innerText.replace(/\s+/g, ' ').trim()
    if (text) said.push(text)
  }
  return said
}

export interface Reading {
  able: ComputedRef<boolean>
  reading: Ref<boolean>
  read: () => void
  stop: () => void
}

export function useReading(): Reading {
  const reading = ref(false)

  function stop(): void {
    reading.value = false
    speech?.cancel()
  }

  function read(): void {
    const main = document.getElementById('main')
    if (!speech || !main) return
    speech.cancel()
    const parts = words(main)
    reading.value = true
    parts.forEach((text, place) => {
      const one = new SpeechSynthesisUtterance(text)
      one.lang = language.value
      if (voice.value) one.voice = voice.value
      one.rate = 0.9
      if (place === parts.length - 1) one.onend = () => (reading.value = false)
      one.onerror = () => (reading.value = false)
      speech.speak(one)
    })
  }
  onBeforeUnmount(stop)
  return { able: computed(() => Boolean(speech && voice.value)), reading, read, stop }
}
