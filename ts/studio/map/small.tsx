import { useEffect, useRef } from 'preact/hooks'
import { runColour } from '../colours.ts'
import { state } from '../state.ts'
import { coloured } from './colouring.ts'
import { fitted, PointLayer } from './layer.ts'
import { layout } from './layout.ts'

/** The taste space while it is learned, beside the curves. */
export function SmallMap() {
  const canvas = useRef<HTMLCanvasElement>(null)
  const layer = useRef<PointLayer | undefined>(undefined)
  const data = state.data.value
  const current = layout.value
  useEffect(() => {
    const { current: element } = canvas
    if (!element || !data || !current) return
    const { colours } = coloured(data, data.genres.some(({ length }) => length > 0) ? 'genre' : 'popularity', undefined)
    const draw = () => {
      const ratio = Math.min(devicePixelRatio, 2)
      element.width = Math.round(element.clientWidth * ratio)
      element.height = Math.round(element.clientHeight * ratio)
      layer.current ??= new PointLayer(element)
      const radius = current.xy.length > 20_000 ? 1 : 2.5 * ratio
      layer.current.draw(current.xy, colours, fitted(current.xy, element.width, element.height), radius)
    }
    draw()
    // The card grows with the curves beside it: the points stay round.
    const observer = new ResizeObserver(draw)
    observer.observe(element)
    return () => observer.disconnect()
  }, [data, current])
  const run = state.runs.value.find(({ id }) => id === current?.run)
  return (
    <section class="card small-map">
      <p>
        {run && current ? (
          <>
            <span class="dot" style={{ background: runColour(run.id) }} /> Taste space of {run.kind}
            {current.epoch > 0 && `, epoch ${current.epoch}`}
          </>
        ) : (
          'The taste space of a model with vectors appears here while it trains.'
        )}
      </p>
      <canvas
        ref={canvas}
        role="img"
        aria-label={`Map of the items${run ? ` by ${run.name}` : ''}`}
        // The picture of another model does not stay where this one has none.
        style={{ visibility: current ? 'visible' : 'hidden' }}
      />
      <button
        type="button"
        disabled={!current}
        onClick={() => {
          state.tab.value = 'map'
        }}
      >
        Explore it
      </button>
    </section>
  )
}
