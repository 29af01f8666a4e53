// Draws points by writing pixels: a hundred thousand of them in a few milliseconds, without a graphics card.

/** Where the map is looked at: the map's point in the middle, and pixels for one unit of the map. */
export interface View {
  readonly x: number
  readonly y: number
  readonly scale: number
}

/** Packs a colour for pixels: little-endian ABGR. */
export function packed(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16)
  return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0
}

export class PointLayer {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #image: ImageData | undefined
  #pixels = new Uint32Array()

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (!context) throw new Error('this browser cannot draw on a canvas')
    this.#canvas = canvas
    this.#context = context
  }

  /** Draws a disc for each point: `colours` are packed, `radius` is in pixels of the canvas. */
  draw(xy: Float32Array, colours: Uint32Array, view: View, radius: number, order?: Uint32Array): void {
    const { width, height } = this.#canvas
    if (width === 0 || height === 0) return
    if (this.#image?.width !== width || this.#image.height !== height) {
      this.#image = this.#context.createImageData(width, height)
      this.#pixels = new Uint32Array(this.#image.data.buffer)
    }
    const pixels = this.#pixels
    pixels.fill(0)
    const stamp = discOf(radius)
    const [left, top] = [width / 2 - view.x * view.scale, height / 2 - view.y * view.scale]
    const reach = Math.ceil(radius)
    for (let place = 0; place < colours.length; place++) {
      const point = order ? (order[place] ?? 0) : place
      const x = Math.round((xy[point * 2] ?? 0) * view.scale + left)
      const y = Math.round((xy[point * 2 + 1] ?? 0) * view.scale + top)
      if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue
      const colour = colours[point] ?? 0
      for (let part = 0; part < stamp.length; part += 2) {
        pixels[(y + (stamp[part + 1] ?? 0)) * width + x + (stamp[part] ?? 0)] = colour
      }
    }
    this.#context.putImageData(this.#image, 0, 0)
  }
}

const discs = new Map<number, Int16Array>()

/** The pixels of a disc, as steps from its middle. */
function discOf(radius: number): Int16Array {
  const known = discs.get(radius)
  if (known) return known
  const steps: number[] = []
  const reach = Math.ceil(radius)
  for (let y = -reach; y <= reach; y++) {
    for (let x = -reach; x <= reach; x++) if (x * x + y * y <= radius * radius) steps.push(x, y)
  }
  const disc = Int16Array.from(steps)
  discs.set(radius, disc)
  return disc
}

/** A view in which all points are seen. */
export function fitted(xy: Float32Array, width: number, height: number): View {
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity]
  for (let index = 0; index < xy.length; index += 2) {
    const [x, y] = [xy[index] ?? 0, xy[index + 1] ?? 0]
    if (x < left) left = x
    if (x > right) right = x
    if (y < top) top = y
    if (y > bottom) bottom = y
  }
  const margin = Math.min(width, height) * 0.07
  const scale = Math.min((width - 2 * margin) / (right - left || 1), (height - 2 * margin) / (bottom - top || 1))
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale }
}

/** The point that is nearest to a place on the canvas, within `reach` pixels. */
export function pointAt(
  xy: Float32Array,
  view: View,
  width: number,
  height: number,
  x: number,
  y: number,
  reach: number,
) {
  const [mapX, mapY] = [(x - width / 2) / view.scale + view.x, (y - height / 2) / view.scale + view.y]
  let best = (reach / view.scale) ** 2
  let found: number | undefined
  for (let index = 0; index < xy.length; index += 2) {
    const distance = ((xy[index] ?? 0) - mapX) ** 2 + ((xy[index + 1] ?? 0) - mapY) ** 2
    if (distance > best) continue
    best = distance
    found = index / 2
  }
  return found
}

/** The points inside a closed line, by the number of its sides that lie to the right of each (even–odd rule). */
export function pointsInside(xy: Float32Array, line: readonly (readonly [x: number, y: number])[]): number[] {
  const inside: number[] = []
  for (let index = 0; index < xy.length; index += 2) {
    const [x, y] = [xy[index] ?? 0, xy[index + 1] ?? 0]
    let odd = false
    for (let side = 0; side < line.length; side++) {
      const [ax, ay] = line[side] ?? [0, 0]
      const [bx, by] = line[(side + 1) % line.length] ?? [0, 0]
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd
    }
    if (odd) inside.push(index / 2)
  }
  return inside
}
