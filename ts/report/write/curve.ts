import { milliseconds } from '../../cli/terminal/numbers.ts'
import type { ComparisonTable, EpochReport, ModelResult } from '../../index.ts'
import type { ReportModel, ReportTable, Step } from '../page/content.ts'

/** A training as a curve of its loss and of a metric, where that chose the epochs. */
export function curveOf(history: readonly EpochReport[], metric: string): Step[] {
  return history.map(({ phase, epoch, loss, seconds, validation, metric: chooses }) => ({
    phase,
    epoch,
    loss,
    seconds: milliseconds(seconds),
    value: chooses === metric ? validation?.values[metric] : undefined,
  }))
}

/** A table whose models have curves. */
export function withCurves(table: ComparisonTable): ReportTable {
  return { ...table, models: table.models.map((model) => withCurve(model, table.metric)) }
}

function withCurve({ history, ...model }: ModelResult, metric: string): ReportModel {
  return { ...model, seconds: milliseconds(model.seconds), curve: curveOf(history, metric) }
}
