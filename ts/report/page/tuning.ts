// The pictures of a hyperparameter search.

import * as Plot from '@observablehq/plot'
import { figure } from '../figure.ts'
import { GREY } from './colours.ts'
import type { Axis, Tuning, TuningTrial } from './content.ts'
import type { Entry } from './legend.ts'
import { plot } from './plot.ts'
import { logarithmicTicks } from './ticks.ts'

const BEST = '#e58a1f'
const GOOD = '#4477cc'

/** Trials that are drawn as good ones: the best tenth. */
const TOP = 0.1

/** What the colours of trials mean. */
export const TRIAL_COLOURS: readonly Entry[] = [
  { text: 'best trial', colour: BEST },
  { text: 'best tenth, at least three', colour: GOOD },
  { text: 'other trials', colour: GREY },
]

/** Value of each trial by its number, with a line of the best so far. */
export function historyPlot(tuning: Tuning, width: number): Element {
  const { metric, trials } = tuning
  const inOrder = [...trials].sort((a, b) => a.trial - b.trial)
  let best = Number.NaN
  const record = inOrder.map(({ trial, value }) => {
    if (Number.isNaN(best) || (tuning.moreIsBetter ? value > best : value < best)) best = value
    return { trial, best }
  })
  return plot({
    ...frame(width, 320),
    x: { label: 'trial', labelAnchor: 'center', tickFormat: 'd', ticks: Math.min(10, trials.length) },
    y: { label: `${metric} on validation rows`, grid: true, nice: true },
    r: radius(trials),
    marks: [
      ...defaultsRule(trials),
      Plot.line(record, { x: 'trial', y: 'best', curve: 'step-after', stroke: BEST, strokeWidth: 1.5 }),
      ...dots(tuning, inOrder, ({ trial }) => trial),
    ],
  })
}

/** The metric against the values of an option. */
export function slicePlot(tuning: Tuning, axis: Axis, width: number): Element {
  const { metric, trials } = tuning
  const having = trials.filter(({ options }) => axis.name in options)
  const at = ({ options }: TuningTrial) => options[axis.name]
  return plot({
    ...frame(width, 230),
    x: { label: axis.name, labelAnchor: 'center', ...scaleOf(axis) },
    y: { label: metric, grid: true, nice: true, ticks: 5 },
    r: radius(trials),
    marks: [...defaultsRule(trials), ...dots(tuning, having, at)],
  })
}

/** A line for each trial through the axes of all options and of the metric. */
export function parallelPlot(tuning: Tuning, width: number): Element {
  const { axes, trials, metric, moreIsBetter } = tuning
  const values = trials.map(({ value }) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const names = [...axes.map(({ name }) => name), metric]
  const height = (trial: TuningTrial, name: string) => {
    const axis = axes.find((axis) => axis.name === name)
    if (axis) return heightOf(axis, trial.options[name])
    const share = high > low ? (trial.value - low) / (high - low) : 0.5
    return moreIsBetter ? share : 1 - share
  }
  // The best are drawn last, above the others.
  const points = [...trials]
    .reverse()
    .flatMap((trial) => names.map((name) => ({ trial, name, at: height(trial, name) })))
  const ticks = [
    ...axes.flatMap((axis) => ticksOf(axis).map(({ text, at }) => ({ name: axis.name, text, at }))),
    { name: metric, text: short(moreIsBetter ? high : low), at: 1 },
    { name: metric, text: short(moreIsBetter ? low : high), at: 0 },
  ]
  const longest = Math.max(...names.map((name) => name.length))
  // Names that would overlap are written upwards.
  const upwards = longest * 7 > width / names.length
  const marginTop = upwards ? 34 + 6 * longest : 40
  return plot({
    width,
    height: 300 + marginTop,
    marginTop,
    marginBottom: 14,
    marginLeft: upwards ? 10 : 46,
    marginRight: upwards ? 60 : 46,
    style: { fontSize: '12px' },
    x: {
      type: 'point',
      domain: names,
      axis: 'top',
      label: null,
      tickSize: 0,
      padding: 0.2,
      tickRotate: upwards ? -65 : 0,
    },
    y: { axis: null, domain: [0, 1] },
    marks: [
      Plot.ruleX(names, { stroke: 'var(--line)', strokeWidth: 2 }),
      Plot.line(points, {
        x: 'name',
        y: 'at',
        z: ({ trial }) => trial.trial,
        stroke: ({ trial }) => colourOf(tuning, trial),
        strokeOpacity: ({ trial }) => (colourOf(tuning, trial) === GREY ? 0.35 : 0.95),
        strokeWidth: ({ trial }) => (trial === trials[0] ? 3 : 1.5),
      }),
      Plot.text(ticks, {
        x: 'name',
        y: 'at',
        text: 'text',
        dx: 6,
        textAnchor: 'start',
        fill: 'currentColor',
        stroke: 'var(--panel)',
        strokeWidth: 4,
        fontSize: 11,
      }),
      Plot.tip(points, Plot.pointer({ x: 'name', y: 'at', title: ({ trial }) => words(tuning, trial) })),
    ],
  })
}

/** Importance of the options as bars, each with a mark below which it may be chance. */
export function importancePlot({ importance }: Tuning, width: number): Element {
  const bars = importance.map((option) => ({ ...option, chance: Math.min(2 / Math.sqrt(option.trials), 1) }))
  return plot({
    width,
    height: 60 + 26 * bars.length,
    marginTop: 10,
    marginLeft: 20 + 7 * Math.max(...bars.map(({ name }) => name.length)),
    marginRight: 44,
    marginBottom: 36,
    style: { fontSize: '12px' },
    x: { label: 'importance', labelAnchor: 'center', domain: [0, 1], grid: true },
    y: { label: null, domain: bars.map(({ name }) => name), tickSize: 0 },
    marks: [
      Plot.barX(bars, {
        x: 'value',
        y: 'name',
        fill: ({ value, chance }) => (value > chance ? GOOD : 'var(--bar)'),
        rx2: 3,
        ry2: 3,
        insetTop: 2,
        insetBottom: 2,
      }),
      Plot.tickX(bars, { x: 'chance', y: 'name', stroke: 'currentColor', strokeWidth: 2 }),
      Plot.text(bars, { x: 1, y: 'name', text: ({ value }) => value.toFixed(2), dx: 8, textAnchor: 'start' }),
    ],
  })
}

function frame(width: number, height: number) {
  return {
    width,
    height,
    marginLeft: 54,
    marginRight: 20,
    marginTop: 30,
    marginBottom: 40,
    style: { fontSize: '12px' },
  }
}

/** Larger dots have trained more epochs. */
function radius(trials: readonly TuningTrial[]) {
  return { type: 'sqrt', domain: [0, Math.max(...trials.map(({ epochs }) => epochs))], range: [2.5, 7] } as const
}

function dots(tuning: Tuning, trials: readonly TuningTrial[], x: (trial: TuningTrial) => number | string | undefined) {
  // The best are drawn last, above the others.
  const rows = [...trials].sort((a, b) => tuning.trials.indexOf(b) - tuning.trials.indexOf(a))
  return [
    Plot.dot(rows, {
      x,
      y: 'value',
      r: 'epochs',
      fill: (trial: TuningTrial) => colourOf(tuning, trial),
      fillOpacity: 0.8,
      stroke: 'var(--panel)',
    }),
    Plot.tip(rows, Plot.pointer({ x, y: 'value', title: (trial: TuningTrial) => words(tuning, trial) })),
  ]
}

/** The value of the defaults. */
function defaultsRule(trials: readonly TuningTrial[]) {
  const defaults = trials.filter(({ trial }) => trial === 0)
  return [Plot.ruleY(defaults, { y: 'value', stroke: 'currentColor', strokeDasharray: '3,3', strokeOpacity: 0.6 })]
}

function colourOf({ trials }: Tuning, trial: TuningTrial): string {
  const place = trials.indexOf(trial)
  if (place === 0) return BEST
  return place < Math.max(trials.length * TOP, 3) ? GOOD : GREY
}

function words({ metric }: Tuning, { trial, value, epoch, epochs, options }: TuningTrial): string {
  const set = Object.entries(options).map(
    ([name, value]) => `${name} ${typeof value === 'number' ? short(value) : value}`,
  )
  const name = trial === 0 ? 'the defaults' : `trial ${trial}`
  return [`${name}: ${metric} ${figure(value)}`, `best epoch ${epoch} of ${epochs}`, ...set].join('\n')
}

/** The scale of an option, for Plot. */
function scaleOf({ low, high, log, choices }: Axis) {
  if (choices) return { type: 'point', domain: choices, padding: 0.5 } as const
  if (!log) return { type: 'linear', domain: [low, high], nice: true, ticks: 5 } as const
  const ticks = logarithmicTicks(low ?? 1, high ?? 1)
  return {
    type: 'log',
    domain: [low, high],
    ticks: ticks.filter((tick) => tick >= (low ?? 0) && tick <= (high ?? 0)),
    tickFormat: short,
  } as const
}

/** Where a value lies on its axis, from 0 to 1. Undefined for an option without effect, which breaks the line. */
function heightOf({ low = 0, high = 1, log, choices }: Axis, value: number | string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (choices) return choices.length > 1 ? choices.indexOf(String(value)) / (choices.length - 1) : 0.5
  const along = (number: number) => (log ? Math.log(number) : number)
  return high > low ? (along(Number(value)) - along(low)) / (along(high) - along(low)) : 0.5
}

function ticksOf(axis: Axis): { text: string; at: number }[] {
  const { low = 0, high = 1, choices } = axis
  const values = choices ?? [low, high]
  return values.map((value) => ({
    text: typeof value === 'number' ? short(value) : value,
    at: heightOf(axis, value) ?? 0,
  }))
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}
