/**
 * Checks a bundle of evidence in this browser, by WebCrypto alone: nobody has to believe the city.
 *
 * The rules are those of `verifier/`: each entry has its own hash and follows the one before it,
 * every proof leads to the root of one checkpoint, and the checkpoint is signed by a known key.
 */
export interface Entry {
  chain: string
  seq: number
  prev: string
  hash: string
  at?: string
  act?: string
  alg?: string
  withheld?: string
  leaf?: string
  to?: Record<string, unknown>
  actor?: Record<string, string>
  evidence?: Record<string, unknown>[]
  rule?: string
}

export interface Bundle {
  format: string
  application_id: string
  made_at: string
  entries: Entry[]
  facts: {
    subject: string
    kind: string
    version: number
    partner: string
    kid: string
    digest: string
    says: Record<string, unknown>
  }[]
  decision: { seq: number; act: string; at: string; to: Record<string, unknown> } | null
  rules: string[]
  checkpoint: string
  proofs: { chain: string; seq: number; index: number; path: string[] }[]
  not_sealed: number[]
  keys: Record<string, string>[]
}

export type Step = 'chain' | 'checkpoint' | 'proofs' | 'answers' | 'decision'

/** What one step found; `of` names the first bad entry, `why` is a key of the texts. */
export interface Found {
  step: Step
  holds: boolean
  count: number
  waiting?: number
  withheld?: number
  why?: string
  of?: string
  key?: string
}

class Wrong extends Error {
  constructor(
    readonly why: string,
    readonly of = '',
  ) {
    super(why)
  }
}

const FORM = 'chepai-bundle/1'
const ED25519 = 1
const text = new TextEncoder()

/** RFC 8785: names in the order of their UTF-16 code units, numbers and texts as JavaScript writes them. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (value !== null && typeof value === 'object') {
    const said = value as Record<string, unknown>
    const names = Object.keys(said).sort()
    return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(said[name])}`).join(',')}}`
  }
  return JSON.stringify(value)
}

async function sha256(...parts: Uint8Array[]): Promise<Uint8Array> {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return new Uint8Array(await crypto.subtle.digest('SHA-256', whole))
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (each) => each.toString(16).padStart(2, '0')).join('')

function bytes(written: string): Uint8Array {
  return Uint8Array.from(written.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function unpack(written: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(written), (each) => each.charCodeAt(0))
}

function dataOf(entry: Entry): Uint8Array {
  const rest = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== 'hash'))
  return text.encode(canonical(rest))
}

const nameOf = (entry: Entry): string => `${entry.seq}`
const node = (left: Uint8Array, right: Uint8Array): Promise<Uint8Array> =>
  sha256(Uint8Array.of(1), left, right)

function known(algorithm: string | undefined): void {
  // SM3 is no digest of WebCrypto: a bundle of that suite is checked with the program.
  if ((algorithm ?? 'sha-256') !== 'sha-256') throw new Wrong('algorithm', algorithm)
}

async function chain(told: Bundle): Promise<Found> {
  let seq = 0
  let before = ''
  for (const entry of told.entries) {
    if (entry.chain !== told.application_id) throw new Wrong('foreign', nameOf(entry))
    if (entry.seq !== seq + 1) throw new Wrong('missing', `${seq + 1}`)
    if (entry.prev !== before) throw new Wrong('order', nameOf(entry))
    known(entry.alg)
    if (!entry.withheld && hex(await sha256(dataOf(entry))) !== entry.hash) {
      throw new Wrong('changed', nameOf(entry))
    }
    seq = entry.seq
    before = entry.hash
  }
  if (!seq) throw new Wrong('empty')
  const withheld = told.entries.filter((each) => each.withheld).length
  return { step: 'chain', holds: true, count: seq, withheld }
}

interface Checkpoint {
  size: number
  root: Uint8Array
  kid: string
}

async function opened(told: Bundle): Promise<Checkpoint> {
  const end = told.checkpoint.indexOf('\n\n')
  const body = told.checkpoint.slice(0, end)
  const lines = body.split('\n')
  if (end < 0 || lines.length < 3 || !/^\d+$/.test(lines[1] ?? '')) throw new Wrong('unreadable')
  known(lines.slice(3).find((each) => each.startsWith('alg '))?.slice(4))
  const signed = text.encode(`${body}\n`)
  for (const line of told.checkpoint.slice(end + 2).split('\n')) {
    const [, name, encoded] = /^\u2014 (.*) (\S+)$/.exec(line) ?? []
    if (!name || !encoded) continue
    const material = unpack(encoded)
    for (const key of told.keys.filter((each) => each.alg === 'ed25519')) {
      const raw = unpack(key.public ?? '')
      const id = await sha256(text.encode(`${name}\n`), Uint8Array.of(ED25519), raw)
      if (hex(id.slice(0, 4)) !== hex(material.slice(0, 4))) continue
      const made = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
      if (await crypto.subtle.verify('Ed25519', made, material.slice(4), signed)) {
        return { size: Number(lines[1]), root: unpack(lines[2] ?? ''), kid: key.kid ?? '' }
      }
    }
  }
  throw new Wrong('unsigned')
}

/** The root that a leaf's path leads to (RFC 9162 §2.1.3.2). */
export async function rootOf(leaf: Uint8Array, index: number, size: number, path: string[]): Promise<string> {
  if (index < 0 || index >= size) throw new Wrong('outside', `${index}`)
  let at = index
  let last = size - 1
  let root = leaf
  for (const step of path) {
    if (last === 0) throw new Wrong('path', `${index}`)
    if (at % 2 === 1 || at === last) {
      root = await node(bytes(step), root)
      while (at % 2 === 0 && at) {
        at = Math.floor(at / 2)
        last = Math.floor(last / 2)
      }
    } else {
      root = await node(root, bytes(step))
    }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  if (last) throw new Wrong('path', `${index}`)
  return hex(root)
}

async function proofs(told: Bundle, checkpoint: Checkpoint): Promise<Found> {
  const known = new Map(told.proofs.map((each) => [`${each.chain}#${each.seq}`, each]))
  let sealed = 0
  for (const entry of told.entries) {
    const proof = known.get(`${entry.chain}#${entry.seq}`)
    if (!proof) {
      if (!told.not_sealed.includes(entry.seq)) throw new Wrong('unproven', nameOf(entry))
      continue
    }
    const leaf = entry.withheld
      ? bytes(entry.leaf ?? '')
      : await sha256(Uint8Array.of(0), dataOf(entry))
    const root = await rootOf(leaf, proof.index, checkpoint.size, proof.path)
    if (root !== hex(checkpoint.root)) throw new Wrong('elsewhere', nameOf(entry))
    sealed += 1
  }
  return { step: 'proofs', holds: true, count: sealed, waiting: told.entries.length - sealed }
}

async function answers(told: Bundle): Promise<Found> {
  const rested = new Map<string, Record<string, unknown>>()
  for (const entry of told.entries) {
    for (const each of entry.evidence ?? []) rested.set(`${each.digest}|${each.kind}`, each)
  }
  for (const fact of told.facts) {
    const each = rested.get(`${fact.digest}|${fact.kind}`)
    if (!each) throw new Wrong('idle', `${fact.kind} ${fact.partner}`)
    for (const name of ['subject', 'version', 'partner', 'kid'] as const) {
      if (name in each && each[name] !== fact[name]) throw new Wrong('signer', `${fact.kind} ${fact.partner}`)
    }
    const shown = hex(await sha256(text.encode(canonical(fact.says))))
    if ((each.shown ?? shown) !== shown) throw new Wrong('words', `${fact.kind} ${fact.partner}`)
  }
  return { step: 'answers', holds: true, count: told.facts.length }
}

function decision(told: Bundle): Found {
  const said = told.decision
  if (said) {
    const entry = told.entries[said.seq - 1]
    for (const [name, value] of Object.entries(said.to)) {
      if (canonical(entry?.to?.[name]) !== canonical(value)) throw new Wrong('decision', `${said.seq}`)
    }
  }
  const rules = new Set(told.entries.map((each) => each.rule).filter(Boolean))
  for (const rule of told.rules) if (!rules.has(rule)) throw new Wrong('rule', rule)
  return { step: 'decision', holds: true, count: told.rules.length }
}

/** Whether somebody handed over a bundle at all. */
export const isBundle = (said: unknown): said is Bundle =>
  (said as Bundle | null)?.format === FORM && Array.isArray((said as Bundle).entries)

/** Every step of the check with what it found; the steps after the first wrong one are not tried. */
export async function proven(told: Bundle): Promise<Found[]> {
  const found: Found[] = []
  let step: Step = 'chain'
  try {
    found.push(await chain(told))
    step = 'checkpoint'
    if (told.checkpoint) {
      const checkpoint = await opened(told)
      found.push({ step, holds: true, count: checkpoint.size, key: checkpoint.kid })
      step = 'proofs'
      found.push(await proofs(told, checkpoint))
    }
    step = 'answers'
    found.push(await answers(told))
    step = 'decision'
    found.push(decision(told))
  } catch (trouble) {
    const why = trouble instanceof Wrong ? trouble : new Wrong('unreadable')
    found.push({ step, holds: false, count: 0, why: why.why, of: why.of })
  }
  return found
}
