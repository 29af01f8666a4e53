/** The fields of a TastespaceError, as they are sent between threads and printed by `--json`. */
export interface ErrorData {
  /** A stable code: `area/reason`, such as `config/out-of-range`, or `disposed`. */
  readonly code: string
  /** What was wrong, where, and what is accepted. */
  readonly message: string
  /** The values in the message, by name. */
  readonly details: Readonly<Record<string, unknown>>
}

/** The class of all errors of this library. Programs distinguish them by `code`. */
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
