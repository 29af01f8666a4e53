import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { dark } from '../colours.ts'
import { fitted, PointLayer, pointAt, pointsInside, type View } from './layer.ts'
import type { Marks } from './marks.ts'
import { drawMarks } from './overlay.ts'

interface Props {
  readonly xy: Float32Array
  readonly colours: Uint32Array
  readonly titles: readonly string[]
  readonly popularity: Uint32Array
  readonly marks: Marks
  /** Whether a drag draws a line around points instead of moving the map. */
  readonly lasso: boolean
  readonly onPick: (place: number) => void
  readonly onLasso: (places: readonly number[]) => void
}

/** What the map needs between two pictures, outside of the page's state: it changes with every move of the pointer. */
interface Moving {
  view: View | undefined
  /** Whether somebody moved the view; until then it follows the points. */
  held: boolean
  hover: number | undefined
  line: [number, number][]
  pointers: Map<number, [number, number]>
  moved: number
  frame: number
}

/** The map: drag to move, wheel or pinch to zoom, click to pick; arrows, + and − do it by keyboard. */
export function MapCanvas(props: Props) {
  const points = useRef<HTMLCanvasElement>(null)
  const marks = useRef<HTMLCanvasElement>(null)
  const layer = useRef<PointLayer | undefined>(undefined)
  const hovered = useSignal('')
  const moving = useRef<Moving>({
    view: undefined,
    held: false,
    hover: undefined,
    line: [],
    pointers: new Map(),
    moved: 0,
    frame: 0,
  })
  // Drawn again in the other colours.
  void dark.value
  const latest = useRef(props)
  latest.current = props

  const draw = () => {
    const { current: canvas } = points
    const { current: overlay } = marks
    if (!canvas || !overlay) return
    const state = moving.current
    state.frame = 0
    const ratio = Math.min(devicePixelRatio, 2)
    const width = Math.round(canvas.clientWidth * ratio)
    const height = Math.round(canvas.clientHeight * ratio)
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = overlay.width = width
      canvas.height = overlay.height = height
    }
    const { xy, colours, marks: marked, titles, popularity } = latest.current
    if (!state.view || !state.held) state.view = fitted(xy, width, height)
    layer.current ??= new PointLayer(canvas)
    layer.current.draw(xy, colours, state.view, radiusFor(xy.length / 2, ratio))
    drawMarks(overlay, {
      xy,
      view: state.view,
      ratio,
      marks: marked,
      titles,
      popularity,
      hover: state.hover,
      line: state.line,
      ink: getComputedStyle(overlay),
    })
  }
  const redraw = () => {
    const state = moving.current
    if (state.frame === 0) state.frame = requestAnimationFrame(draw)
  }
  useEffect(redraw)
  useEffect(() => {
    const { current: canvas } = points
    if (!canvas) return
    const observer = new ResizeObserver(redraw)
    observer.observe(canvas)
    return () => {
      observer.disconnect()
      cancelAnimationFrame(moving.current.frame)
    }
  }, [])

  const place = (event: PointerEvent | WheelEvent): [number, number] => {
    const ratio = Math.min(devicePixelRatio, 2)
    return [event.offsetX * ratio, event.offsetY * ratio]
  }
  const zoom = (factor: number, [x, y]: readonly [number, number]) => {
    const { current: canvas } = points
    const { view } = moving.current
    if (!canvas || !view) return
    const [dx, dy] = [x - canvas.width / 2, y - canvas.height / 2]
    const scale = view.scale * factor
    moving.current.view = {
      x: view.x + dx / view.scale - dx / scale,
      y: view.y + dy / view.scale - dy / scale,
      scale,
    }
    moving.current.held = true
    redraw()
  }
  const move = (dx: number, dy: number) => {
    const { view } = moving.current
    if (!view) return
    moving.current.view = { ...view, x: view.x - dx / view.scale, y: view.y - dy / view.scale }
    moving.current.held = true
    redraw()
  }
  const reset = () => {
    moving.current.held = false
    redraw()
  }
  const middle = (): [number, number] => [(points.current?.width ?? 0) / 2, (points.current?.height ?? 0) / 2]

  return (
    <div class="map">
      <canvas ref={points} class="points" />
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a canvas is not interactive by itself; this one is */}
      <canvas
        ref={marks}
        class={props.lasso ? 'marks lasso' : 'marks'}
        tabIndex={0}
        role="application"
        aria-label={`Map of ${props.titles.length} items. Arrows move it, plus and minus zoom, 0 shows all. Find items by the field “Find”.`}
        onKeyDown={(event) => {
          const step = 60
          const keys: Record<string, () => void> = {
            ArrowLeft: () => move(step, 0),
            ArrowRight: () => move(-step, 0),
            ArrowUp: () => move(0, step),
            ArrowDown: () => move(0, -step),
            '+': () => zoom(1.4, middle()),
            '=': () => zoom(1.4, middle()),
            '-': () => zoom(1 / 1.4, middle()),
            '0': reset,
          }
          const act = keys[event.key]
          if (!act) return
          event.preventDefault()
          act()
        }}
        onWheel={(event) => {
          event.preventDefault()
          zoom(Math.exp(-Math.max(-100, Math.min(100, event.deltaY)) * 0.0025), place(event))
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          const state = moving.current
          state.pointers.set(event.pointerId, place(event))
          state.moved = 0
          if (props.lasso || event.shiftKey) state.line = [place(event)]
        }}
        onPointerMove={(event) => {
          const state = moving.current
          const now = place(event)
          const before = state.pointers.get(event.pointerId)
          if (!before) {
            const { current: canvas } = points
            if (!canvas || !state.view) return
            const found = pointAt(props.xy, state.view, canvas.width, canvas.height, ...now, 14)
            if (found === state.hover) return
            state.hover = found
            hovered.value = found === undefined ? '' : (props.titles[found] ?? '')
            redraw()
            return
          }
          state.moved += Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1])
          if (state.line.length > 0) {
            state.line.push(now)
            redraw()
          } else if (state.pointers.size === 2) {
            const [other] = [...state.pointers].filter(([id]) => id !== event.pointerId).map(([, at]) => at)
            if (other) {
              const factor =
                Math.hypot(now[0] - other[0], now[1] - other[1]) /
                Math.hypot(before[0] - other[0], before[1] - other[1])
              zoom(factor || 1, other)
            }
          } else move(now[0] - before[0], now[1] - before[1])
          state.pointers.set(event.pointerId, now)
        }}
        onPointerUp={(event) => {
          const state = moving.current
          state.pointers.delete(event.pointerId)
          const { current: canvas } = points
          const { view, line } = state
          if (!canvas || !view) return
          if (line.length > 2) {
            const onMap = line.map(
              ([x, y]) =>
                [(x - canvas.width / 2) / view.scale + view.x, (y - canvas.height / 2) / view.scale + view.y] as const,
            )
            props.onLasso(pointsInside(props.xy, onMap))
          } else if (state.moved < 6) {
            const found = pointAt(props.xy, view, canvas.width, canvas.height, ...place(event), 18)
            if (found !== undefined) props.onPick(found)
          }
          state.line = []
          redraw()
        }}
        onPointerCancel={(event) => {
          moving.current.pointers.delete(event.pointerId)
          moving.current.line = []
        }}
        onPointerLeave={() => {
          moving.current.hover = undefined
          hovered.value = ''
          redraw()
        }}
      />
      <p class="hovered" aria-live="polite">
        {hovered.value}
      </p>
      <div class="zoom">
        <button type="button" aria-label="Zoom in" onClick={() => zoom(1.5, middle())}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => zoom(1 / 1.5, middle())}>
          −
        </button>
        <button type="button" aria-label="Show all" onClick={reset}>
          ⤢
        </button>
      </div>
    </div>
  )
}

/** Pixels of the canvas: smaller where points are many. */
function radiusFor(points: number, ratio: number): number {
  if (points > 50_000) return 1
  if (points > 8000) return 1.5 * ratio
  return (points > 1500 ? 2.5 : 3.5) * ratio
}
