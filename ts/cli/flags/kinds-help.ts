import { createEngine, describe, type KindDescription, type OptionDescription } from '../../index.ts'
import { misuse } from '../terminal/failure.ts'
import { style } from '../terminal/style.ts'
import { table, wrapped } from '../terminal/table.ts'
import { visible } from '../terminal/visible.ts'

const HELP = ['--help', '-h']

/**
 * The help about models that a command line asks for: the options of some kinds, which are printed `alone`, or the list of
 * kinds, which ends the help of the command. Undefined where it asks for no such help.
 */
export async function modelHelp(words: readonly string[]): Promise<{ text: string; alone: boolean } | undefined> {
  const command = ['train', 'compare', 'tune'].find((command) => words.includes(command))
  const asked = words.some((word) => HELP.includes(word)) || words[0] === 'help'
  if (!asked || !command) return undefined
  // The build that starts fastest: it is only asked a question.
  const engine = await createEngine({ build: 'st' })
  try {
    const { models } = await describe(engine)
    const named = kindsIn(words)
    if (named.length === 0) return { text: listOf(models, command), alone: false }
    const known = new Map<string, KindDescription>(models.map((model) => [model.kind, model]))
    const texts = named.map((name) => {
      const kind = known.get(name)
      if (!kind) throw misuse(`unknown model kind '${name}': expected one of ${[...known.keys()].join(', ')}`)
      return helpOf(kind)
    })
    return { text: visible(texts.join('\n\n')), alone: true }
  } finally {
    engine.dispose()
  }
}

/** Kinds that the words name: `--help cml`, `--model cml`, `--models cml,ease`. */
function kindsIn(words: readonly string[]): string[] {
  const values = words.flatMap((word, index) => {
    const next = words[index + 1]
    const [, value] = /^--models?=(.+)$/.exec(word) ?? []
    if (value !== undefined) return [value]
    const names = HELP.includes(word) || word === '--model' || word === '--models'
    return names && next !== undefined && !next.startsWith('-') ? [next] : []
  })
  return [...new Set(values.flatMap((value) => value.split(',')))].filter((name) => name !== '')
}

function listOf(models: readonly KindDescription[], command: string): string {
  const lines = models.map(({ kind, summary }) => wrapped(`${kind.padEnd(10)} ${summary}`, '  ', ' '.repeat(11)))
  const more = `tastespace ${command} --help KIND prints the options of one kind, such as --help cml.`
  return `\nKinds of models:\n${lines.join('\n')}\n\n${wrapped(more)}`
}

function helpOf({ kind, task, summary, source, epochs, options, presets }: KindDescription): string {
  const { bold, dim } = style(process.stdout)
  const most = epochs > 1 ? ` Trains at most ${epochs} epochs unless --epochs is given.` : ''
  const heading = `${bold(kind)} ${task === 'rating' ? 'predicts ratings' : 'ranks items'}.${most}`
  const about = [wrapped(heading), wrapped(`${summary} (${source})`)]
  if (options.length === 0) return [...about, '', 'It has no options.'].join('\n')
  const entries = [
    ...options.map((option) => ({
      ...option,
      set: `${option.name}=${shown(option.default)}`,
      values: accepted(option),
    })),
    ...presets.map(({ name, doc }) => ({ set: `preset=${name}`, values: '', doc })),
  ]
  const heads = table(
    entries.map(({ set, values }) => [`  ${bold(set)}`, dim(values)]),
    ['left', 'left'],
  ).split('\n')
  const texts = entries.map(({ doc }, index) => `${heads[index]}\n${wrapped(doc, '      ')}`)
  return [...about, '', 'Options with their defaults, for --set:', ...texts].join('\n')
}

function shown(value: OptionDescription['default']): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function accepted({ type, min, max, choices, or }: OptionDescription): string {
  if (choices) return choices.join(' | ')
  if (type === 'boolean') return 'true | false'
  return `${min} to ${max}${or ? `, or null for ${or}` : ''}`
}
