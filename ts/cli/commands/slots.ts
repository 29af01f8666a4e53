import type { Command } from 'commander'
import { loadModel, type Slot } from '../../index.ts'
import { addEngineFlags, type EngineFlags, kOption } from '../flags/common.ts'
import { unsupported } from '../terminal/failure.ts'
import { short } from '../terminal/numbers.ts'
import type { Style } from '../terminal/style.ts'
import { table } from '../terminal/table.ts'
import { computes, type EngineJob } from './run.ts'
import { titled, titlesOf } from './titles.ts'

interface SlotsFlags extends EngineFlags {
  readonly k: number
  readonly items?: string
}

/** `slots`: describes the slots of a model's memory. */
export function addSlots(program: Command): void {
  const command = program
    .command('slots')
    .summary("describe the slots of a model's memory")
    .description(
      "Describe each slot of a model's memory: its share of all attention, and the genres, features and popular items " +
        'whose training pairs attend to it more than average.',
    )
    .argument('<model>', 'file of a model that train wrote')
    .addOption(kOption().default(5))
    .option('--items <file>', 'file with titles of the items (default: those in the model)')
  addEngineFlags(command)
  computes<SlotsFlags>(command, [], slots)
}

async function slots({ engine, flags, console }: EngineJob<SlotsFlags>, file = ''): Promise<void> {
  const model = await loadModel(file, { engine })
  if (!('slots' in model)) throw unsupported(model, 'memory slots')
  const found = await model.slots({ k: flags.k })
  const titles = await titlesOf(model, engine, flags.items)
  const list = found.map(({ share, items, words, pairs, ...slot }) => ({
    ...slot,
    share: short(share),
    words: words.map(({ name, times }) => ({ name, times: short(times) })),
    items: titled(items, titles).map((item) => ({ ...item, value: short(item.value) })),
    pairs: titled(pairs, titles).map((pair) => ({ ...pair, value: short(pair.value) })),
  }))
  await console.result({ model: model.kind, slots: list }, () =>
    list.map((slot) => slotText(slot, console.resultStyle)).join('\n\n'),
  )
}

function slotText({ slot, share, words, items }: Slot, { bold, dim }: Style): string {
  const about = words.map(({ name, times }) => `${name} ×${times.toFixed(1)}`).join(', ')
  const heading = `${bold(`slot ${slot}`)}  ${percent(share)} of attention${about && `: ${about}`}`
  const rows = items.map(({ item, title, value }) => [percent(value), title ?? item, title ? dim(`[${item}]`) : ''])
  return rows.length > 0 ? `${heading}\n${table(rows, ['right', 'left', 'left'])}` : heading
}

function percent(value: number): string {
  return `${Math.round(100 * value)} %`
}
