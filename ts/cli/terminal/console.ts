import { tell, writeResult } from './output.ts'
import type { Show } from './progress.ts'
import { bar } from './progress-bar.ts'
import { lines } from './progress-lines.ts'
import { type Style, style } from './style.ts'
import { visible, visibleJSON } from './visible.ts'

/** Names of standard output as a file. */
const STDOUT = /^\/(dev\/(stdout|fd\/1)|proc\/self\/fd\/1)$/

/** Output of a command: messages and progress on stderr, the result on stdout. */
export class Console {
  /** Shows progress on stderr. */
  readonly progress: Show
  /** Colours of stderr. */
  readonly style: Style = style(process.stderr)
  /** Colours of the result. */
  readonly resultStyle: Style = style(process.stdout)

  /** `outputs` are the files that the command writes. */
  constructor(
    private readonly settings: { readonly json?: true; readonly quiet?: true },
    private readonly outputs: readonly string[] = [],
  ) {
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

  /**
   * Prints the result: as one JSON document with `--json`, otherwise as text. It goes to stderr where a file that is written
   * goes to stdout, since it would be taken for its end.
   */
  async result(document: unknown, text: () => string): Promise<void> {
    const shown = this.settings.json ? visibleJSON(JSON.stringify(document)) : visible(text())
    if (this.outputs.some((path) => STDOUT.test(path))) tell(shown, false)
    else await writeResult(shown)
  }
}

/** A bar in a terminal, a line now and then elsewhere, nothing with `--quiet`. */
function progressOn(stream: NodeJS.WriteStream, quiet: boolean): Show {
  if (quiet) return () => () => {}
  return (label, progress) => (stream.isTTY ? bar(stream, label, progress) : lines(label, progress))
}
