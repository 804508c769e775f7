/** What of a machine is drawn as a box, what inside of one, and which ways are left out. */
import { expect, test } from 'vitest'
import { draw, type State, type Way } from '../src/desk/operate/layout'

const state = (name: string, kind: string, more: Partial<State> = {}): State => ({ name, kind, comment: name, ...more })
const way = (begins: string, ends: string, when = 'next', word?: string): Way => ({ begins, ends, when, ...(word ? { word } : {}) })

const states = [
  state('Start', 'task'),
  state('Where?', 'question'),
  state('Verify', 'parallel'),
  state('Check', 'wait', { within: 'Verify' }),
  state('Silent', 'silence', { within: 'Verify' }),
  state('Wait for the fee', 'wait'),
  state('Remind', 'task'),
  state('Clerk', 'task'),
  state('Done', 'end'),
]
const ways = [
  way('Start', 'Where?'),
  way('Where?', 'Verify', 'choice', 'verify'),
  way('Where?', 'Wait for the fee', 'choice', 'fee'),
  way('Where?', 'Clerk', 'otherwise'),
  way('Verify', 'Wait for the fee'),
  way('Verify', 'Clerk', 'trouble'),
  way('Wait for the fee', 'Done'),
  way('Wait for the fee', 'Remind', 'late'),
  way('Remind', 'Wait for the fee'),
]
const inside = (name: string, drawing = draw(states, ways, 'Start')): string[] =>
  drawing.boxes.find((box) => box.name === name)?.inside.map((row) => row.name) ?? []

test('checks and reminders are inside of what they are for', () => {
  const { boxes } = draw(states, ways, 'Start')
  expect(boxes.map((box) => box.name)).toEqual(['Start', 'Where?', 'Verify', 'Wait for the fee', 'Clerk', 'Done'])
  expect(inside('Verify')).toEqual(['Check'])
  expect(inside('Wait for the fee')).toEqual(['Remind'])
})

test('ways that lead nearly everywhere are drawn only where a run has taken them', () => {
  const keys = (taken?: Set<string>): string[] => draw(states, ways, 'Start', taken).lines.map((line) => line.key)
  expect(keys()).not.toContain('Verify|Clerk')
  expect(keys()).not.toContain('Where?|Wait for the fee')
  expect(keys(new Set(['Where?|Wait for the fee', 'Verify|Clerk']))).toEqual(expect.arrayContaining(['Where?|Wait for the fee', 'Verify|Clerk']))
})

test('no two boxes lie upon one another', () => {
  const { boxes, width, height } = draw(states, ways, 'Start')
  for (const [nth, one] of boxes.entries()) {
    expect(one.x).toBeGreaterThanOrEqual(0)
    expect(one.x + one.width).toBeLessThanOrEqual(width)
    expect(one.y + one.height).toBeLessThanOrEqual(height)
    for (const other of boxes.slice(nth + 1)) {
      const apart = one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y
      expect(apart, `${one.name} and ${other.name}`).toBe(true)
    }
  }
})
