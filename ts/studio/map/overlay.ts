import type { View } from './layer.ts'
import type { Marks } from './marks.ts'

interface Overlay {
  readonly xy: Float32Array
  readonly view: View
  /** Pixels of the canvas for one of the page. */
  readonly ratio: number
  readonly marks: Marks
  readonly titles: readonly string[]
  readonly popularity: Uint32Array
  readonly hover: number | undefined
  readonly line: readonly (readonly [number, number])[]
  readonly ink: CSSStyleDeclaration
}

/** Draws what lies over the points: rings, titles and the lasso. */
export function drawMarks(canvas: HTMLCanvasElement, overlay: Overlay): void {
  const context = canvas.getContext('2d')
  if (!context) return
  const { width, height } = canvas
  const { xy, view, ratio, marks, titles, hover, line, ink } = overlay
  context.clearRect(0, 0, width, height)
  const at = (place: number): [number, number] => [
    ((xy[place * 2] ?? 0) - view.x) * view.scale + width / 2,
    ((xy[place * 2 + 1] ?? 0) - view.y) * view.scale + height / 2,
  ]
  const colour = (name: string) => ink.getPropertyValue(name).trim() || ink.color
  const ring = (place: number, stroke: string, radius: number, filled = false) => {
    context.beginPath()
    context.arc(...at(place), radius * ratio, 0, 2 * Math.PI)
    context.lineWidth = 2 * ratio
    context.strokeStyle = stroke
    context.stroke()
    if (!filled) return
    context.fillStyle = stroke
    context.fill()
  }
  for (const place of marks.history) ring(place, colour('--history'), 5)
  for (const place of marks.recommended) ring(place, colour('--recommended'), 6.5)
  const few = marks.selected.length <= 200
  for (const place of marks.selected) ring(place, colour('--selected'), few ? 8 : 4)
  const [first, second] = marks.selected
  if (marks.selected.length === 2 && first !== undefined && second !== undefined) {
    context.beginPath()
    context.moveTo(...at(first))
    context.lineTo(...at(second))
    context.setLineDash([5 * ratio, 4 * ratio])
    context.strokeStyle = colour('--selected')
    context.stroke()
    context.setLineDash([])
  }
  if (hover !== undefined) ring(hover, ink.color, 7)
  const wanted = [
    ...(hover === undefined ? [] : [hover]),
    ...(few ? marks.selected.slice(0, 20) : []),
    ...marks.recommended,
    ...popular(overlay, width, height, at),
  ]
  drawTitles(context, wanted, titles, at, overlay, colour('--halo'))
  if (line.length > 1) {
    context.beginPath()
    for (const [x, y] of line) context.lineTo(x, y)
    context.closePath()
    context.strokeStyle = colour('--selected')
    context.lineWidth = 1.5 * ratio
    context.stroke()
    context.globalAlpha = 0.08
    context.fillStyle = colour('--selected')
    context.fill()
    context.globalAlpha = 1
  }
}

/** The most popular items in sight, as many as have room for their titles. */
function popular(
  { xy, popularity }: Overlay,
  width: number,
  height: number,
  at: (place: number) => [number, number],
): number[] {
  const MOST = 40
  const best: number[] = []
  let least = 0
  for (let place = 0; place < xy.length / 2; place++) {
    const count = popularity[place] ?? 0
    if (count <= least && best.length >= MOST) continue
    const [x, y] = at(place)
    if (x < 0 || y < 0 || x > width || y > height) continue
    best.push(place)
    if (best.length < 2 * MOST) continue
    best.sort((a, b) => (popularity[b] ?? 0) - (popularity[a] ?? 0))
    best.length = MOST
    least = popularity[best[MOST - 1] ?? 0] ?? 0
  }
  return best.sort((a, b) => (popularity[b] ?? 0) - (popularity[a] ?? 0)).slice(0, MOST)
}

function drawTitles(
  context: CanvasRenderingContext2D,
  wanted: readonly number[],
  titles: readonly string[],
  at: (place: number) => [number, number],
  { ratio, ink }: Overlay,
  halo: string,
): void {
  context.font = `${12 * ratio}px system-ui, sans-serif`
  context.textBaseline = 'middle'
  context.lineJoin = 'round'
  context.lineWidth = 3.5 * ratio
  context.strokeStyle = halo
  context.fillStyle = ink.color
  const taken: (readonly [left: number, top: number, right: number, bottom: number])[] = []
  for (const place of new Set(wanted)) {
    const title = shortened(titles[place] ?? '')
    const [x, y] = at(place)
    const length = context.measureText(title).width
    const right = x + 9 * ratio
    // To the left of the point where the right has no room.
    const left = right + length > context.canvas.width ? x - 9 * ratio - length : right
    const box = [left, y - 8 * ratio, left + length, y + 8 * ratio] as const
    if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]))
      continue
    taken.push(box)
    context.strokeText(title, left, y)
    context.fillText(title, left, y)
  }
}

const shortened = (title: string) => (title.length > 34 ? `${title.slice(0, 33)}…` : title)
