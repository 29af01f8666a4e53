import { isRecord } from '../arguments.ts'
import { TastespaceError } from '../errors.ts'
import { files } from '../platform/platform.ts'
import type { Study } from './study.ts'
import type { TrialJob, TrialOutcome } from './trial.ts'

const LINE_FEED = 10

/** Milliseconds in which a process writes a line. */
const WRITING = 100

/** What has to be equal for a study to go on from a log: everything but the number of trials. */
export type LogHeader = Readonly<Record<string, unknown>>

/**
 * The results of a study in a file, a line of JSON each, so that it can go on after it was stopped. In a shared log every process
 * also notes the jobs that it begins, so that others take different ones.
 */
export class StudyLog {
  /** Who notes jobs. */
  readonly #own = globalThis.crypto.randomUUID()
  /** Who began a job first, by the job. */
  readonly #begun = new Map<string, string>()
  #header: LogHeader = {}
  /** Bytes and lines read. */
  #read = { bytes: 0, lines: 0 }
  #reading: Promise<void> = Promise.resolve()

  constructor(
    readonly path: string | URL,
    readonly shared: boolean,
  ) {}

  /**
   * Reads the results so far into a study. A new file begins with the header; that of an old one has to be the same.
   *
   * @returns the number of results read
   */
  async open(header: LogHeader, study: Study): Promise<number> {
    this.#header = header
    let { lines, torn } = await this.#lines(0)
    if (torn && this.shared) {
      // Another process may be writing it.
      await new Promise((resolve) => setTimeout(resolve, WRITING))
      ;({ lines, torn } = await this.#lines(0))
    }
    if (lines.length === 0) {
      await this.#append(header)
      return 0
    }
    this.#checkHeader(lines[0])
    // The last line of a process that was killed may be incomplete: it is written again from the start.
    if (torn) await files().write(this.path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    for (const line of lines) this.#take(line, study)
    return lines.length - 1
  }

  /** Takes over what other processes have added since it was read. */
  async sync(study: Study): Promise<void> {
    // One after the other: each goes on where the last ended.
    this.#reading = this.#reading.then(async () => {
      const { lines } = await this.#lines(this.#read.bytes)
      for (const line of lines) this.#take(line, study)
    })
    await this.#reading
  }

  /** Whether another process has begun a job. */
  isTaken({ trial, rung }: Pick<TrialJob, 'trial' | 'rung'>): boolean {
    const by = this.#begun.get(`${trial}/${rung}`)
    return by !== undefined && by !== this.#own
  }

  /** Notes that a job is begun. */
  async take({ trial, rung }: TrialJob): Promise<void> {
    await this.#append({ trial, rung, begun: this.#own })
  }

  /** Adds a result. */
  async add({ trial, rung, epochs, options }: TrialJob, outcome: TrialOutcome): Promise<void> {
    await this.#append({ trial, rung, epochs, ...outcome, options })
  }

  async #append(line: object): Promise<void> {
    await files().append(this.path, `${JSON.stringify(line)}\n`)
  }

  /** The complete lines from a byte on, and whether there is an incomplete one after them. */
  async #lines(from: number): Promise<{ lines: unknown[]; torn: boolean }> {
    const bytes = await this.#bytes(from)
    if (bytes === undefined) return { lines: [], torn: false }
    const end = bytes.lastIndexOf(LINE_FEED) + 1
    const before = from === 0 ? 0 : this.#read.lines
    const lines = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end)).split('\n').slice(0, -1)
    this.#read = { bytes: from + end, lines: before + lines.length }
    return { lines: lines.map((line, at) => this.#parsed(line, before + at + 1)), torn: end < bytes.length }
  }

  /** The bytes of the file; undefined where there is none. */
  async #bytes(from: number): Promise<Uint8Array | undefined> {
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
      return await file.read(from, file.size)
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

  #checkHeader(first: unknown): void {
    const header = this.#header
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

  #take(line: unknown, study: Study): void {
    if (isRecord(line) && line.tastespace === 'study') {
      // Of another process that found no file either.
      this.#checkHeader(line)
    } else if (isRecord(line) && typeof line.begun === 'string') {
      const job = `${line.trial}/${line.rung}`
      if (!this.#begun.has(job)) this.#begun.set(job, line.begun)
    } else {
      const { trial, epochs, outcome } = this.#result(line)
      // A search of more trials may have other rungs.
      const rung = study.rungs.indexOf(epochs)
      if (trial < study.plan.trials && rung >= 0) study.tell({ trial, rung }, outcome)
    }
  }

  #result(line: unknown): { trial: number; epochs: number; outcome: TrialOutcome } {
    if (isRecord(line) && Number.isInteger(line.trial) && Number.isInteger(line.epochs)) {
      const { value, epoch, ended, error } = line
      const of = { trial: Number(line.trial), epochs: Number(line.epochs) }
      if (typeof value === 'number' && typeof epoch === 'number') {
        return { ...of, outcome: { value, epoch, ended: ended === true } }
      }
      if (isRecord(error) && typeof error.code === 'string' && typeof error.message === 'string') {
        const details = isRecord(error.details) ? error.details : {}
        return { ...of, outcome: { error: { code: error.code, message: error.message, details } } }
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
