import { expect, test } from 'vitest'
import en from '../src/texts/en.json'
import zh from '../src/texts/zh-CN.json'

function keys(texts: object, at = ''): string[] {
  return Object.entries(texts).flatMap(([name, said]) =>
    typeof said === 'string' ? [at + name] : keys(said as object, `${at}${name}.`),
  )
}

test('both languages say the same things', () => {
  expect(keys(en).sort()).toEqual(keys(zh).sort())
})
