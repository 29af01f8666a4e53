/** What a TastespaceError is made of; this is how it travels between threads and how `--json` shows it. */
export interface ErrorData {
  /** Stable, for programs: `area/what`, such as `config/out-of-range`, or `disposed`. */
  readonly code: string
  /** For people: what was wrong, where, and what is accepted. */
  readonly message: string
  /** The values in the message, by name. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Every error this library raises on purpose. */
export class TastespaceError extends Error implements ErrorData {
  override readonly name = 'TastespaceError'
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.details = details
  }

  toJSON(): ErrorData {
    return { code: this.code, message: this.message, details: this.details }
  }

  static fromJSON({ code, message, details }: ErrorData): TastespaceError {
    return new TastespaceError(code, message, details)
  }
}
