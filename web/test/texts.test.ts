import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '../src')
const TEXTS = join(SRC, 'texts')
const AREAS = ['.', ...readdirSync(TEXTS, { withFileTypes: true }).filter((each) => each.isDirectory()).map((each) => each.name)]

const read = (area: string, language: string): object =>
  JSON.parse(readFileSync(join(TEXTS, area, `${language}.json`), 'utf8')) as object

function keys(texts: object, at = ''): string[] {
  return Object.entries(texts).flatMap(([name, said]) =>
    typeof said === 'string' ? [at + name] : keys(said as object, `${at}${name}.`),
  )
}

describe.each(AREAS)('%s', (area) => {
  test('both languages say the same things', () => {
    expect(keys(read(area, 'en')).sort()).toEqual(keys(read(area, 'zh-CN')).sort())
  })
})

test('what a page says is in the texts', () => {
  const said = new Set(AREAS.flatMap((area) => keys(read(area, 'zh-CN'))))
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((each) => /\.(vue|ts)$/.test(each) && !each.endsWith('.d.ts'))
  const missing = files.flatMap((file) =>
    [...readFileSync(join(SRC, file), 'utf8').matchAll(/\bt\('([\w.]+)'/g)]
      .map((found) => found[1] ?? '')
      .filter((key) => !said.has(key))
      .map((key) => `${file}: ${key}`),
  )
  expect(missing).toEqual([])
})
