/** Invented members of staff of this device: their key never leaves it, not even for this page. */

export interface Member {
  staff_id: string
  roles: string[]
  password: string
}

const KEY = 'chepai.sandbox.staff'
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' }

export const known = (): Member[] => JSON.parse(localStorage.getItem(KEY) ?? '[]') as Member[]

export function keep(members: Member[]): void {
  localStorage.setItem(KEY, JSON.stringify(members))
}

/** The keys, by member: a database can hold a key that nobody can read out, a storage cannot. */
function store(): Promise<IDBDatabase> {
  return new Promise((done, failed) => {
    const asked = indexedDB.open(KEY, 1)
    asked.onupgradeneeded = () => asked.result.createObjectStore('keys')
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => failed(asked.error as Error)
  })
}

function finished<T>(asked: IDBRequest<T>): Promise<T> {
  return new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result)
    asked.onerror = () => failed(asked.error as Error)
  })
}

const url = (bytes: ArrayBuffer | Uint8Array): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')

/** A new member with a new key; the public half as a JSON Web Key. */
export async function invent(roles: string[]): Promise<[Member, JsonWebKey]> {
  const name = url(crypto.getRandomValues(new Uint8Array(6)))
  const member = {
    staff_id: `sta_${roles[0]}_${name}`.slice(0, 44),
    roles,
    password: url(crypto.getRandomValues(new Uint8Array(18))),
  }
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  const keys = (await store()).transaction('keys', 'readwrite').objectStore('keys')
  await finished(keys.put(pair.privateKey, member.staff_id))
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', pair.publicKey)
  return [member, { kty, crv, x, y } as JsonWebKey]
}

/** The challenge, signed with the member's key on this device. */
export async function answer(member: Member, challenge: string): Promise<string> {
  const keys = (await store()).transaction('keys').objectStore('keys')
  const key = (await finished(keys.get(member.staff_id))) as CryptoKey
  const text = new TextEncoder().encode(`chepai sign-in\n${member.staff_id}\n${challenge}`)
  return url(await crypto.subtle.sign({ ...ALGORITHM, hash: 'SHA-256' }, key, text))
}
