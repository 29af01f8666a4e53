import { tell, writeResult } from './output.ts'
import type { Show } from './progress.ts'
import { bar } from './progress-bar.ts'
import { lines } from './progress-lines.ts'
import { type Style, style } from './style.ts'

/** Output of a command: messages and progress on stderr, the result on stdout. */
export class Console {
  /** Shows progress on stderr. */
  readonly progress: Show
  /** Colours of stderr. */
  readonly style: Style = style(process.stderr)
  /** Colours of the result. */
  readonly resultStyle: Style = style(process.stdout)

  constructor(private readonly settings: { readonly json?: true; readonly quiet?: true }) {
    this.progress = progressOn(process.stderr, this.settings.quiet === true)
  }

  /** Prints a message. */
  note(line: string): void {
    if (!this.settings.quiet) tell(line)
  }

  /** Prints a warning, also with `--quiet`. */
  warn(line: string): void {
    tell(`${this.style.yellow('tastespace:')} ${line}`)
  }

  /** Prints the result: as one JSON document with `--json`, otherwise as text. */
  result(document: unknown, text: () => string): Promise<void> {
    return writeResult(this.settings.json ? JSON.stringify(document) : text())
  }
}

/** A bar in a terminal, a line now and then elsewhere, nothing with `--quiet`. */
function progressOn(stream: NodeJS.WriteStream, quiet: boolean): Show {
  if (quiet) return () => () => {}
  return (label, progress) => (stream.isTTY ? bar(stream, label, progress) : lines(label, progress))
}
