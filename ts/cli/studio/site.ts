import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { SiteFile } from './files.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/** Headers that let the page use threads, and keep everything else out of it and it out of everything else. */
const headersFor = (script: string) => ({
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' ${script}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self' data:; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  'cache-control': 'no-cache',
})

type Headers = ReturnType<typeof headersFor>

/** Import maps stand in the page itself: this allows that one by its hash, and no other script. */
function importMapHash(files: ReadonlyMap<string, SiteFile>): string {
  const page = readFileSync(String(files.get('index.html')), 'utf8')
  const map = /<script type="importmap">([^<]*)<\/script>/.exec(page)?.[1] ?? ''
  return `'sha256-${createHash('sha256').update(map).digest('base64')}'`
}

/**
 * Serves a fixed set of files, by their paths in the site; nothing else of the machine can be asked for. `hosts` are the names
 * under which browsers may ask: another one is a page of another site that found this port (DNS rebinding).
 */
export function siteOf(files: ReadonlyMap<string, SiteFile>, hosts: (name: string) => boolean): RequestListener {
  const headers = headersFor(importMapHash(files))
  return (request, response) => {
    answer(files, hosts, headers, request, response).catch(() => response.destroy())
  }
}

async function answer(
  files: ReadonlyMap<string, SiteFile>,
  hosts: (name: string) => boolean,
  headers: Headers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(response, headers, 405, 'The studio is read only.')
  if (!hosts(nameOf(request.headers.host ?? ''))) return refuse(response, headers, 403, 'The studio has another name.')
  const path = pathOf(request.url ?? '/')
  const file = path === undefined ? undefined : files.get(path)
  if (path === undefined || file === undefined) return refuse(response, headers, 404, 'The studio has no such file.')
  const type = TYPES[path.startsWith('given/') ? '' : extname(path)] ?? 'application/octet-stream'
  if (typeof file !== 'string') {
    response.writeHead(200, { ...headers, 'content-type': type, 'content-length': file.byteLength })
    response.end(request.method === 'HEAD' ? undefined : file)
    return
  }
  const { size } = await stat(file)
  // Opened first, so that a file that cannot be read is an answer and no broken one.
  const handle = await open(file)
  response.writeHead(200, { ...headers, 'content-type': type, 'content-length': size })
  if (request.method === 'HEAD' || size === 0) {
    await handle.close()
    response.end()
    return
  }
  await pipeline(createReadStream('', { fd: handle, end: size - 1 }), response)
}

function refuse(response: ServerResponse, headers: Headers, status: number, text: string): void {
  response.writeHead(status, { ...headers, 'content-type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}

/** The path of a request without its first slash; the page itself for the root; undefined for one that is none. */
function pathOf(url: string): string | undefined {
  try {
    const path = decodeURIComponent(new URL(url, 'http://studio').pathname).slice(1)
    return path === '' ? 'index.html' : path
  } catch {
    return undefined
  }
}

/** The name in a Host header, without its port. */
function nameOf(host: string): string {
  return host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
}
