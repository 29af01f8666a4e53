import { useEffect, useRef } from 'preact/hooks'
import type { EpochReport } from 'tastespace'
import uPlot from 'uplot'
import { dark, runColour } from '../colours.ts'
import type { Run } from './run.ts'

/** Loss and validation of every run by epoch, as they come in. */
export function Curves({ runs }: { runs: readonly Run[] }) {
  const trained = runs.filter(({ reports }) => reports.length > 0)
  const metrics = [...new Set(trained.flatMap(({ reports }) => reports[0]?.metric ?? []))].sort()
  return (
    <section class="card curves" aria-label="Learning curves">
      <Curve title="Loss relative to the first epoch" runs={trained} value={lossShare} />
      {metrics.map((name) => (
        <Curve
          key={name}
          title={`${name.toUpperCase()} on the validation part`}
          runs={trained.filter(({ reports }) => reports[0]?.metric === name)}
          value={({ validation }) => validation?.values[name]}
        />
      ))}
    </section>
  )
}

/** Losses of different models have different units. */
const lossShare = ({ loss }: EpochReport, first: EpochReport) => (first.loss === 0 ? 0 : loss / first.loss)

interface CurveProps {
  readonly title: string
  readonly runs: readonly Run[]
  readonly value: (report: EpochReport, first: EpochReport) => number | undefined
}

function Curve({ title, runs, value }: CurveProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | undefined>(undefined)
  const drawn = useRef('')
  const isDark = dark.value
  const lines = runs.map(({ id, name, reports }) => ({
    id,
    name,
    reports: reports.filter(({ phase }) => phase === 'fit'),
  }))
  useEffect(() => {
    const { current } = place
    if (!current) return
    // Another set of lines or other colours need another plot; new points do not.
    const key = `${isDark} ${lines.map(({ id }) => id).join()}`
    if (!plot.current || key !== drawn.current) {
      plot.current?.destroy()
      plot.current = new uPlot(settings(lines, current), [[]], current)
      drawn.current = key
    }
    plot.current.setData(table(lines, value))
  })
  useEffect(() => {
    const { current } = place
    if (!current) return
    const observer = new ResizeObserver(() => plot.current?.setSize(sizeOf(current)))
    observer.observe(current)
    return () => {
      observer.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [])
  if (lines.every(({ reports }) => reports.every((report) => value(report, report) === undefined))) return null
  return (
    <figure>
      <figcaption>{title}</figcaption>
      <div class="plot" ref={place} role="img" aria-label={`${title}: ${spoken(lines, value)}`} />
    </figure>
  )
}

type Line = Pick<Run, 'id' | 'name' | 'reports'>

/** One row of epochs, then one of values for each line. */
function table(lines: readonly Line[], value: CurveProps['value']): uPlot.AlignedData {
  const longest = Math.max(0, ...lines.map(({ reports }) => reports.at(-1)?.epoch ?? 0))
  const epochs = Array.from({ length: longest }, (_, index) => index + 1)
  const rows = lines.map(({ reports }) => {
    const row: (number | null)[] = epochs.map(() => null)
    for (const report of reports) row[report.epoch - 1] = value(report, reports[0] ?? report) ?? null
    return row
  })
  return [epochs, ...rows]
}

function settings(lines: readonly Line[], place: HTMLElement): uPlot.Options {
  const ink = getComputedStyle(place).color
  const axis = {
    stroke: ink,
    grid: { stroke: 'rgba(128,128,128,.18)', width: 1 },
    ticks: { show: false },
    font: '12px system-ui',
  }
  return {
    ...sizeOf(place),
    legend: { show: false },
    cursor: { points: { size: 7 }, drag: { x: false, y: false } },
    scales: { x: { time: false } },
    axes: [
      { ...axis, size: 26, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500] },
      { ...axis, size: 48 },
    ],
    series: [
      {},
      ...lines.map(({ id, name }) => ({
        label: name,
        stroke: runColour(id),
        width: 2,
        spanGaps: true,
        points: { size: 4 },
      })),
    ],
  }
}

const sizeOf = (place: HTMLElement) => ({ width: Math.max(place.clientWidth, 120), height: 150 })

function spoken(lines: readonly Line[], value: CurveProps['value']): string {
  return lines
    .map(({ name, reports }) => {
      const last = reports.findLast((report) => value(report, report) !== undefined)
      const first = reports[0]
      return last && first ? `${name} ${value(last, first)?.toPrecision(3)} in epoch ${last.epoch}` : name
    })
    .join(', ')
}
