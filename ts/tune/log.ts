import { isRecord } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import { files } from '../platform/platform.ts'
import type { Study } from './study.ts'
import type { TrialJob, TrialOutcome } from './trial.ts'

/** What has to be equal for a study to go on from a log: everything but the number of trials. */
export type LogHeader = Readonly<Record<string, unknown>>

/** The results of a study in a file, a line of JSON each, so that it can go on after it was stopped. */
export class StudyLog {
  constructor(readonly path: string | URL) {}

  /**
   * Reads the results so far into a study. A new file begins with the header; that of an old one has to be the same.
   *
   * @returns the number of results read
   */
  async open(header: LogHeader, study: Study): Promise<number> {
    const { lines, torn } = await this.#read()
    const [first, ...rest] = lines
    if (first === undefined) {
      await this.#append(header)
      return 0
    }
    this.#checkHeader(first, header)
    // The last line of a process that was killed may be incomplete: it is written again from the start.
    if (torn) await files().write(this.path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    for (const line of rest) study.tell(...this.#result(line))
    return rest.length
  }

  /** Adds a result. */
  async add({ trial, rung, epochs, options }: TrialJob, outcome: TrialOutcome): Promise<void> {
    await this.#append({ trial, rung, epochs, ...outcome, options })
  }

  async #append(line: object): Promise<void> {
    await files().append(this.path, `${JSON.stringify(line)}\n`)
  }

  async #read(): Promise<{ lines: unknown[]; torn: boolean }> {
    const text = await this.#text()
    if (text === undefined) return { lines: [], torn: false }
    const complete = text.slice(0, text.lastIndexOf('\n') + 1)
    const lines = complete.split('\n').slice(0, -1)
    return { lines: lines.map((line, at) => this.#parsed(line, at + 1)), torn: complete !== text }
  }

  /** The text of the file; undefined where there is none. */
  async #text(): Promise<string | undefined> {
    const file = await files()
      .open(this.path)
      .catch((error: unknown) => {
        if (error instanceof TastespaceError && error.code === 'file/not-found') return null
        throw error
      })
    if (file === null) return undefined
    // A pipe or a device cannot be read again.
    if (!file) throw this.#noLog('it is no plain file')
    try {
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await file.read(0, file.size))
    } finally {
      await file.close()
    }
  }

  #parsed(line: string, number: number): unknown {
    try {
      return JSON.parse(line)
    } catch {
      throw this.#noLog(`line ${number} is no JSON`)
    }
  }

  #checkHeader(first: unknown, header: LogHeader): void {
    if (!isRecord(first) || first.tastespace !== 'study') throw this.#noLog('its first line does not say so')
    const same = (name: string) => JSON.stringify(first[name]) === JSON.stringify(header[name])
    const differs = Object.keys({ ...header, ...first }).find((name) => !same(name))
    if (differs === undefined) return
    const [there, here] = [first, header].map((of) => JSON.stringify(of[differs]) ?? 'not given')
    throw new TastespaceError(
      'study/other-log',
      `${this.path} is the log of another study: its ${differs} is ${there}, here it is ${here}. Give another log, or remove the file`,
      { file: String(this.path), key: differs },
    )
  }

  #result(line: unknown): [Pick<TrialJob, 'trial' | 'rung'>, TrialOutcome] {
    if (isRecord(line) && Number.isInteger(line.trial) && Number.isInteger(line.rung)) {
      const job = { trial: Number(line.trial), rung: Number(line.rung) }
      const { value, epoch, ended, error } = line
      if (typeof value === 'number' && typeof epoch === 'number') return [job, { value, epoch, ended: ended === true }]
      if (isRecord(error) && typeof error.code === 'string' && typeof error.message === 'string') {
        const details = isRecord(error.details) ? error.details : {}
        return [job, { error: { code: error.code, message: error.message, details } }]
      }
    }
    throw this.#noLog(`a line is no result of a trial: ${JSON.stringify(line)}`)
  }

  #noLog(reason: string): TastespaceError {
    return new TastespaceError('study/no-log', `${this.path} is no log of a study: ${reason}. Give another log`, {
      file: String(this.path),
    })
  }
}
