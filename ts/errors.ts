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

  /**
   * An error of the fields that `toJSON` returned.
   *
   * @throws `config/bad-argument`
   */
  static fromJSON(data: ErrorData): TastespaceError {
    const { code, message, details }: Partial<ErrorData> = data ?? {}
    if (typeof code !== 'string' || typeof message !== 'string') {
      const expected = 'an object { code, message, details }, as toJSON returns it'
      throw new TastespaceError('config/bad-argument', `fromJSON: the argument is ${typeof data}; expected ${expected}`)
    }
    return new TastespaceError(code, message, details)
  }
}

/** The message of a value that was thrown. */
export function messageOf(error: unknown): string {
  const hasMessage = typeof error === 'object' && error !== null && 'message' in error
  return hasMessage ? String(error.message) : String(error)
}
