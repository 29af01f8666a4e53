import * as Plot from '@observablehq/plot'
import { measured } from './colours.ts'
import type { ReportTable } from './content.ts'
import { plot } from './plot.ts'
import { epochTicks } from './ticks.ts'

const NAMES: Readonly<Record<string, string>> = { fit: 'with validation', refit: 'again, on all rows' }

/** The training loss of a single model after each epoch of each phase. */
export function lossPlot(table: ReportTable, width: number, colour: (model: string) => string): Element {
  const steps = measured(table)
    .slice(0, 1)
    .flatMap(({ model, curve }) =>
      curve.map(({ phase, epoch, loss }) => ({ model, phase: NAMES[phase] ?? phase, epoch, loss })),
    )
  const last = Math.max(1, ...steps.map(({ epoch }) => epoch))
  const stroke = ({ model }: { model: string }) => colour(model)
  const again = (phase: string) => phase === NAMES.refit
  return plot({
    width,
    height: 380,
    marginLeft: 60,
    marginRight: 20,
    marginTop: 30,
    marginBottom: 40,
    style: { fontSize: '12px' },
    x: { label: 'epoch', labelAnchor: 'center', domain: [0, last], ticks: epochTicks(last), tickFormat: 'd' },
    y: { label: 'training loss', grid: true, nice: true },
    marks: [
      Plot.line(
        steps.filter(({ phase }) => !again(phase)),
        { x: 'epoch', y: 'loss', z: 'phase', stroke, strokeWidth: 1.8 },
      ),
      Plot.line(
        steps.filter(({ phase }) => again(phase)),
        { x: 'epoch', y: 'loss', z: 'phase', stroke, strokeWidth: 1.8, strokeDasharray: '5,4' },
      ),
      Plot.tip(
        steps,
        Plot.pointer({
          x: 'epoch',
          y: 'loss',
          title: ({ phase, epoch, loss }) => `${phase}\nepoch ${epoch}\nloss ${loss.toPrecision(5)}`,
        }),
      ),
    ],
  })
}
