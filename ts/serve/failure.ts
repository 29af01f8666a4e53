import { TastespaceError } from '../errors.ts'

/** Statuses of error codes. Codes of wrong requests, `config/…`, `serve/…` and others, have 400. */
const STATUSES: Readonly<Record<string, number>> = {
  'serve/unknown-route': 404,
  'model/unknown-user': 404,
  'model/unknown-item': 404,
  'serve/wrong-method': 405,
  'serve/slow-body': 408,
  'serve/body-too-large': 413,
  'serve/wrong-content-type': 415,
  'model/unsupported': 422,
  'model/no-history': 422,
  'data/rating-out-of-range': 422,
  // The client closed the request: nobody gets this answer, but it is counted.
  'serve/closed': 499,
  'serve/internal': 500,
  'serve/overloaded': 503,
  'model/not-fitted': 503,
  'memory/too-large': 503,
  'engine/crashed': 503,
  disposed: 503,
  'serve/timeout': 504,
}

/** What a client has done wrong. */
const CLIENT = /^(config|serve|data)\//

/** An error as it is answered. */
export interface Failure {
  readonly status: number
  readonly error: TastespaceError
  readonly headers: Readonly<Record<string, string>>
}

/** The answer to an error. An unexpected error is a bug, which clients learn nothing of. */
export function failureOf(error: unknown): Failure {
  if (!isTastespaceError(error)) return internal()
  const status = STATUSES[error.code] ?? (CLIENT.test(error.code) ? 400 : 500)
  if (status === 500) return internal()
  const { allow } = error.details
  return {
    status,
    error,
    headers: {
      ...(status === 405 && typeof allow === 'string' && { allow }),
      ...(status === 503 && { 'retry-after': '1' }),
      // The rest of the body is not read.
      ...((status === 413 || status === 408) && { connection: 'close' }),
    },
  }
}

function internal(): Failure {
  const error = new TastespaceError('serve/internal', 'the request could not be answered because of an internal error')
  return { status: 500, error, headers: {} }
}

/** Also of another copy of the class: CommonJS and ES modules have one each, and so has the handler of a Worker. */
export function isTastespaceError(error: unknown): error is TastespaceError {
  return (
    error instanceof TastespaceError || (error instanceof Error && error.name === 'TastespaceError' && 'code' in error)
  )
}
