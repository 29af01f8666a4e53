import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface ServeOptions {
  /** Sends the headers that make pages cross-origin isolated, which shared memory needs. Default false. */
  readonly isolated?: boolean
  /** Lets pages of other origins have the files, as CDNs do. Default false. */
  readonly shared?: boolean
  /** Content types that differ from what they should be, by extension. */
  readonly types?: Readonly<Record<string, string>>
  /** Paths that are not there. */
  readonly missing?: readonly string[]
}

export interface Site {
  /** Without a slash at the end. */
  readonly origin: string
  close(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** Serves the files of a folder on a port of its own. */
export async function serve(folder: URL, options: ServeOptions = {}): Promise<Site> {
  const server = createServer(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
    const body = options.missing?.includes(path) ? undefined : await contentOf(new URL(`.${path}`, folder))
    const types = { ...TYPES, ...options.types }
    response.writeHead(body ? 200 : 404, {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      ...(options.isolated && {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      }),
      ...(options.shared && { 'Access-Control-Allow-Origin': '*' }),
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('a server that listens has a port')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        // A browser keeps its connections for later.
        server.closeAllConnections()
      }),
  }
}

function contentOf(file: URL): Promise<Buffer | undefined> {
  return readFile(fileURLToPath(file)).catch(() => undefined)
}
