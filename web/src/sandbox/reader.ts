/** The simulated card reader of a desk: cards of invented people, remembered on this device. */
import { post } from './post'

export interface Card {
  person_id: string
  name: string
  vin: string
}

export interface Reading {
  reading: string
  person_id: string
  name_masked: string
  id_masked: string
  method: string
}

const KEY = 'chepai.sandbox.people'
const KEPT = 8

export function people(): Card[] {
  return JSON.parse(localStorage.getItem(KEY) ?? '[]') as Card[]
}

/** Somebody with a new car; somebody old was born in 1948. */
export async function invent(old: boolean): Promise<void> {
  const wanted = old ? { person: { id_number: idNumber('19480315') } } : {}
  const made = await post<{ vin: string; person: { person_id: string; name: string } }>(
    '/sandbox/worlds',
    wanted,
  )
  const card = { person_id: made.person.person_id, name: made.person.name, vin: made.vin }
  localStorage.setItem(KEY, JSON.stringify([card, ...people()].slice(0, KEPT)))
}

export function lay(card: Card): Promise<Reading> {
  return post('/sandbox/id-reader/readings', { person_id: card.person_id, method: 'ID_CHIP' })
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** An identity number of the sandbox's own region, with its check character (GB 11643). */
function idNumber(born: string): string {
  const digits = crypto.getRandomValues(new Uint16Array(1))[0] ?? 0
  const front = `370200${born}${String(digits % 1000).padStart(3, '0')}`
  const sum = [...front].reduce((all, each, at) => all + Number(each) * (WEIGHTS[at] ?? 0), 0)
  return front + ('10X98765432'[sum % 11] ?? '')
}
