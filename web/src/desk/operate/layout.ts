/** Where the states of a machine are drawn, and the lines between them; the layout itself is dagre's. */
import { Graph, layout } from '@dagrejs/dagre'
import type { Schemas } from '@/api/client'
import { say } from '@/api/words'

export type State = Schemas['MachineState']
export type Way = Schemas['MachineWay']

export interface Box {
  name: string
  kind: string
  x: number
  y: number
  width: number
  height: number
  lines: string[]
  /** What stands inside of it: the checks of a verification, the reminder of a wait. */
  inside: { name: string; text: string; y: number }[]
}

export interface Line {
  key: string
  path: string
  when: string
}

export interface Drawing {
  width: number
  height: number
  boxes: Box[]
  lines: Line[]
}

const WIDTH = 164
const LINE = 17
const PADDING = 9
const ROW = 20
/** Room for what is shown beside the words: a count, or how it went. */
const BADGE = 20

/** Chinese characters are as wide as the line is high, others about half. */
const wide = (text: string): number =>
  [...text].reduce((sum, each) => sum + ((each.codePointAt(0) ?? 0) > 0x2e7f ? 13.2 : 6.7), 0)

function wrapped(text: string, room: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.match(/（?[\u2e80-\uffef][）》。，、？：]*|[^\s\u2e80-\uffef]+\s*/g) ?? []) {
    if (line && wide(line + word.trimEnd()) > room) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += word
  }
  return [...lines, line.trimEnd()].filter(Boolean)
}

/** A line inside of a box; the whole name is in the list beside the drawing. */
function shortened(text: string, room: number): string {
  const [first = '', ...more] = wrapped(text, room)
  return more.length ? `${first}…` : first
}

/**
 * Ways that lead nearly everywhere are left out, or they would hide the rest: trouble goes to a
 * clerk, a withdrawal to the way back, and a later run from `second` to where its case stands.
 */
function isDrawn(way: Way, second: string, taken: Set<string>): boolean {
  if (taken.has(`${way.begins}|${way.ends}`)) return true
  if (way.begins === way.ends || way.when === 'trouble' || way.when === 'otherwise') return false
  if (way.word === 'Withdrawn') return false
  return way.begins !== second || way.word === 'verify'
}

/** A reminder goes back to the wait that it is for, and is drawn inside of it. */
function waitOf(state: State, ways: Way[]): string | undefined {
  const before = ways.filter((each) => each.ends === state.name && each.when !== 'trouble')
  const after = ways.filter((each) => each.begins === state.name && each.when === 'next')
  const [one] = before
  return before.length === 1 && one?.when === 'late' && after[0]?.ends === one.begins ? one.begins : undefined
}

export function draw(states: State[], ways: Way[], start: string, taken = new Set<string>()): Drawing {
  const second = ways.find((each) => each.begins === start && each.when === 'next')?.ends ?? ''
  const graph = new Graph({ multigraph: true })
  graph.setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 30, edgesep: 10, marginx: 8, marginy: 8, ranker: 'network-simplex' })
  graph.setDefaultEdgeLabel(() => ({}))

  const inside = new Map<string, State[]>()
  const held = new Set<string>()
  for (const each of states) {
    const outer = each.within ?? waitOf(each, ways)
    if (!outer) continue
    held.add(each.name)
    if (each.kind !== 'silence') inside.set(outer, [...(inside.get(outer) ?? []), each])
  }
  const boxes = new Map<string, Box>()
  for (const each of states) {
    if (held.has(each.name)) continue
    const rows = inside.get(each.name) ?? []
    const room = WIDTH + (each.kind === 'parallel' ? 76 : 0)
    const lines = wrapped(say(each.text) || each.name, room - 2 * PADDING - BADGE)
    const head = lines.length * LINE + 2 * PADDING
    boxes.set(each.name, {
      name: each.name,
      kind: each.kind,
      x: 0,
      y: 0,
      width: room,
      height: head + rows.length * ROW + (rows.length ? PADDING : 0),
      lines,
      inside: rows.map((row, nth) => ({ name: row.name, text: shortened(say(row.text) || row.name, room - 46), y: head + nth * ROW })),
    })
  }
  for (const box of boxes.values()) graph.setNode(box.name, { width: box.width, height: box.height })

  const drawn = ways.filter((each) => boxes.has(each.begins) && boxes.has(each.ends) && isDrawn(each, second, taken))
  for (const way of drawn) {
    graph.setEdge(way.begins, way.ends, { weight: way.when === 'next' ? 6 : 1 }, way.when)
  }
  layout(graph)

  for (const box of boxes.values()) {
    const at = graph.node(box.name) as { x: number; y: number }
    box.x = at.x - box.width / 2
    box.y = at.y - box.height / 2
  }
  const lines: Line[] = []
  for (const edge of graph.edges()) {
    const { points } = graph.edge(edge) as { points: { x: number; y: number }[] }
    lines.push({ key: `${edge.v}|${edge.w}`, path: curve(points), when: edge.name ?? 'next' })
  }
  const size = graph.graph() as { width?: number; height?: number }
  return { width: Math.ceil(size.width ?? 0), height: Math.ceil(size.height ?? 0), boxes: [...boxes.values()], lines }
}

function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points
  if (!first) return ''
  const at = (point: { x: number; y: number }): string => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`
  const bends = rest.map((point, nth) => {
    const following = rest[nth + 1]
    if (!following) return ` L${at(point)}`
    return ` Q${at(point)} ${at({ x: (point.x + following.x) / 2, y: (point.y + following.y) / 2 })}`
  })
  return `M${at(first)}${bends.join('')}`
}
