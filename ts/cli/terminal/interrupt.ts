import { TastespaceError } from '../../index.ts'

/** The exit code of a program that Ctrl-C ended. */
const INTERRUPTED = 130

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Ends the process at the first Ctrl-C. Incomplete files are removed. */
export function quitAtOnce(): void {
  for (const signal of SIGNALS) process.on(signal, quit)
}

/** Makes the first Ctrl-C abort the signal that `use` gets; the second ends the process. */
export async function abortable(use: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController()
  const reason = new TastespaceError('cancelled', 'interrupted before there was a model to keep: nothing was written')
  const abort = () => {
    if (controller.signal.aborted) quit()
    controller.abort(reason)
  }
  for (const signal of SIGNALS) process.off(signal, quit).on(signal, abort)
  try {
    await use(controller.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, abort).on(signal, quit)
  }
}

function quit(): never {
  process.exit(INTERRUPTED)
}
