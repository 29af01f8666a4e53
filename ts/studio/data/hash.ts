/** Above this, hashing would need the whole file in memory. */
const LIMIT = 256 * 2 ** 20

/** SHA-256 in hexadecimal; undefined where the page cannot compute it. */
export async function sha256(content: Blob | Uint8Array): Promise<string | undefined> {
  const size = content instanceof Blob ? content.size : content.byteLength
  if (size > LIMIT || !globalThis.crypto?.subtle) return undefined
  const bytes = content instanceof Blob ? await content.arrayBuffer() : new Uint8Array(content)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
