import { type ErrorData, TastespaceError } from 'tastespace'
import { state } from './state.ts'

/** What failed, in the words of the library, but without the flags of its command line. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof TastespaceError) {
    const data = error.toJSON()
    return { ...data, message: withoutFlags(data.message) }
  }
  return { code: 'studio/failed', message: error instanceof Error ? error.message : String(error), details: {} }
}

/** A text of the library without the flags of its command line, which the page does not have. */
export const withoutFlags = (text: string) =>
  text
    .replaceAll(/ \(--[^()]*\)/g, '')
    .replaceAll(/--set \S+, which is (the option)/g, '$1')
    .replaceAll(/; --[^;]*/g, '')

/** Runs `work`; what fails is shown at the top of the page. */
export async function shown(work: () => Promise<void>): Promise<void> {
  try {
    state.problem.value = undefined
    await work()
  } catch (error) {
    state.problem.value = errorData(error)
  }
}
