/** The browser's own check of a bundle: what holds, and each way in which one may not. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { canonical, isBundle, proven, type Bundle } from '../src/use/proving'

const text = readFileSync(new URL('./bundle.json', import.meta.url), 'utf8')
const fresh = (): Bundle => JSON.parse(text) as Bundle

test('a bundle that was handed out holds, step by step', async () => {
  const found = await proven(fresh())
  expect(found.map((each) => [each.step, each.holds])).toEqual([
    ['chain', true], ['checkpoint', true], ['proofs', true], ['answers', true], ['decision', true],
  ])
  expect(found[0]?.count).toBe(fresh().entries.length)
})

const TAMPERED: [string, string, string, (told: Bundle) => void][] = [
  ['an entry says something else', 'chain', 'changed', (told) => ((told.entries[3] as Bundle['entries'][0]).act = 'approved')],
  ['an entry is taken away', 'chain', 'missing', (told) => told.entries.splice(2, 1)],
  ['an entry of another case', 'chain', 'foreign', (told) => ((told.entries[0] as Bundle['entries'][0]).chain = 'app_2')],
  ['the checkpoint has another root', 'checkpoint', 'unsigned', (told) => (told.checkpoint = told.checkpoint.replace(/\n(.)/, '\n9$1'))],
  ['the key is somebody else’s', 'checkpoint', 'unsigned', (told) => ((told.keys[0] as Record<string, string>).public = btoa('x'.repeat(32)))],
  ['a proof leads elsewhere', 'proofs', 'elsewhere', (told) => ((told.proofs[1] as Bundle['proofs'][0]).path[0] = '0'.repeat(64))],
  ['a proof is left out', 'proofs', 'unproven', (told) => told.proofs.pop()],
  ['an answer that nothing rests on', 'answers', 'idle', (told) => ((told.facts[0] as Bundle['facts'][0]).digest = 'f'.repeat(64))],
  ['an answer of another signer', 'answers', 'signer', (told) => ((told.facts[0] as Bundle['facts'][0]).kid = 'k9')],
  ['another decision', 'decision', 'decision', (told) => ((told.decision as { to: Record<string, unknown> }).to.status = 'CLOSED')],
  ['a rule that nobody applied', 'decision', 'rule', (told) => told.rules.push('qingdao@9')],
]

test.each(TAMPERED)('%s', async (_, step, why, tamper) => {
  const told = fresh()
  tamper(told)
  const found = await proven(told)
  const last = found.at(-1)
  expect([last?.step, last?.holds, last?.why]).toEqual([step, false, why])
})

test('canonical JSON is that of RFC 8785', () => {
  expect(canonical({ b: [1, true, null], a: 'é\n', '€': { z: 0, A: '' } })).toBe('{"a":"é\\n","b":[1,true,null],"€":{"A":"","z":0}}')
})

test('anything else is no bundle', () => {
  for (const each of [null, 1, 'x', [], {}, { format: 'chepai-bundle/2', entries: [] }]) expect(isBundle(each)).toBe(false)
})
