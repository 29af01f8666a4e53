import { TastespaceError } from '../../index.ts'

/** Codes of errors of data that is too small for a validation part, or whose validation rows cannot be evaluated. */
const TOO_SMALL = /^(split\/too-few-rows|dataset\/no-known-(users|items)|dataset\/no-positives)$/

/** Whether an error is that data is too small to be validated on. */
export function isTooSmall(error: unknown): error is TastespaceError {
  return error instanceof TastespaceError && TOO_SMALL.test(error.code) && error.details.purpose !== 'training'
}

/** The error with the way on. */
export function withoutValidation({ code, message, details }: TastespaceError): TastespaceError {
  return new TastespaceError(code, `${message}\n--epochs N trains N epochs on all rows without validation`, details)
}
