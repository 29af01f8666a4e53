import { createEngine, describe, type KindDescription, type OptionDescription } from '../../index.ts'
import { table } from '../terminal/table.ts'

/** Whether the help of a command is asked for. Commander prints it at once, so what it needs must be there before. */
export function asksForHelp(words: readonly string[], command: string): boolean {
  const wanted = words.some((word) => word === '--help' || word === '-h') || words[0] === 'help'
  return wanted && words.includes(command)
}

/** Every kind of model with its options, as the engine describes them. */
export async function kindsHelp(): Promise<string> {
  // The build that starts fastest: it is only asked a question.
  const engine = await createEngine({ build: 'st' })
  try {
    const { models } = await describe(engine)
    return `\nKinds of models, and their options for --set (name, default, accepted, meaning):\n${models.map(kindHelp).join('\n')}`
  } finally {
    engine.dispose()
  }
}

function kindHelp({ kind, task, summary, source, epochs, options, presets }: KindDescription): string {
  const most = epochs > 1 ? `, at most ${epochs} epochs unless --epochs` : ''
  const rows = [
    ...options.map((option) => [`    ${option.name}`, String(option.default), accepted(option), option.doc]),
    ...presets.map(({ name, doc }) => ['    preset', '', name, doc]),
  ]
  return [
    `\n  ${kind}  predicts ${task === 'rating' ? 'ratings' : 'rankings'}${most}`,
    `    ${summary} (${source})`,
    table(rows, ['left', 'right', 'left', 'left']),
  ].join('\n')
}

function accepted({ type, min, max, choices }: OptionDescription): string {
  if (choices) return choices.join(' | ')
  if (type === 'boolean') return 'true | false'
  return `${min} to ${max}`
}
