import { TastespaceError } from '../errors.ts'

/** Objects and arrays within one another in a body. */
const MOST_NESTED = 16

/**
 * The JSON value of a request's body. It is read piece by piece, so that a body beyond the limit is never held in memory.
 *
 * @throws `serve/wrong-content-type`, `serve/body-too-large`, `serve/bad-body`, and the signal's reason
 */
export async function readJSON(request: Request, limit: number, signal: AbortSignal): Promise<unknown> {
  checkType(request.headers)
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > limit) throw tooLarge(limit)
  const text = textOf(await readBytes(request, limit, signal))
  checkNesting(text)
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw badBody(text.trim() === '' ? 'is empty; expected a JSON object' : `is not JSON: ${reason}`)
  }
}

function checkType(headers: Headers): void {
  const type = headers.get('content-type') ?? ''
  if (!/^application\/([\w.+-]+\+)?json\s*(;|$)/i.test(type)) {
    const given = type === '' ? 'missing' : JSON.stringify(type.slice(0, 80))
    const message = `the header content-type is ${given}; expected application/json`
    throw new TastespaceError('serve/wrong-content-type', message, { accepted: ['application/json'] })
  }
  const encoding = headers.get('content-encoding') ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') {
    const message = `the header content-encoding is ${JSON.stringify(encoding.slice(0, 80))}; expected a body that is not compressed`
    throw new TastespaceError('serve/wrong-content-type', message, { accepted: ['identity'] })
  }
}

async function readBytes(request: Request, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  const reader = request.body?.getReader()
  if (!reader) return new Uint8Array()
  const cancel = () => {
    reader.cancel(signal.reason).catch(() => {})
  }
  signal.addEventListener('abort', cancel, { once: true })
  const parts: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  try {
    while (true) {
      const { value, done } = await reader.read()
      signal.throwIfAborted()
      if (done) break
      length += value.length
      if (length > limit) throw tooLarge(limit)
      parts.push(value)
    }
  } catch (error) {
    cancel()
    throw error
  } finally {
    signal.removeEventListener('abort', cancel)
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer())
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw badBody('is not valid UTF-8')
  }
}

/** Refuses deep nesting before it is parsed, which takes memory for each level. */
function checkNesting(text: string): void {
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (quoted) {
      if (character === '\\') at++
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') {
      depth++
      if (depth > MOST_NESTED) throw badBody(`has more than ${MOST_NESTED} objects and arrays within one another`)
    } else if (character === '}' || character === ']') depth--
  }
}

function badBody(what: string): TastespaceError {
  return new TastespaceError('serve/bad-body', `the body ${what}`)
}

function tooLarge(limit: number): TastespaceError {
  const message = `the body has more than ${limit.toLocaleString('en')} bytes: send fewer users, items or ids in one request`
  return new TastespaceError('serve/body-too-large', message, { limit })
}
