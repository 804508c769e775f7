import { afterEach, expect, test, vi } from 'vitest'
import { Refused, Unreachable } from '@/api/problem'
import { endOf } from '@/use/countdown'
import { passes } from '@/use/polling'
import { factsShown } from '@/use/telling'

vi.mock('@/use/showing', () => ({ yuan: (fen: number) => `¥${fen / 100}` }))
afterEach(() => vi.useRealTimers())

test.each([
  [new Unreachable(), true],
  [new Refused({ status: 503, code: 'VR-901' }), true],
  [new Refused({ status: 429, code: 'VR-109' }), true],
  [new Refused({ status: 404, code: 'VR-301' }), false],
  [new TypeError('a fault of the page'), true],
])('looking again helps after what passes: %s', (error, again) => {
  expect(passes(error)).toBe(again)
})

test('how long an offer lasts is what the server said was left, whatever the clock on the wall', () => {
  vi.useFakeTimers()
  vi.setSystemTime(new Date('2031-05-05T05:05:05Z'))
  const said = { now: '2026-11-24T04:00:00.000Z', until: '2026-11-24T04:03:00.000Z' }
  expect(endOf(said) - Date.now()).toBe(180_000)
})

test('facts are shown in words, and what there are no words for is left out', () => {
  const known = new Set(['field.price_fen', 'field.origin', 'value.DOMESTIC', 'kind.F06', 'field.accident'])
  const facts = { F06: { price_fen: 12_980_000, origin: 'DOMESTIC', accident: false, secret: 'x' }, F99: { price_fen: 1 }, F04: { status: 'LISTED' } }
  expect(factsShown(facts, (key) => key, (key) => known.has(key))).toEqual([
    {
      kind: 'F06',
      rows: [
        { name: 'price_fen', said: '¥129800' },
        { name: 'origin', said: 'value.DOMESTIC' },
        { name: 'accident', said: 'no' },
      ],
    },
  ])
})
