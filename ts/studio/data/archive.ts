// Zip archives, such as those of MovieLens: the page takes the two files that it needs from one of several files.

/** A file in an archive. */
export interface Entry {
  /** Without its folders. */
  readonly name: string
  readonly stream: () => ReadableStream<Uint8Array>
}

/** Names of files that may have interactions or titles. */
const DATA = /\.(csv|tsv|txt|dat|data|json|jsonl|ndjson|mtx|base|test|item|inter)$/i
const ABOUT = /^(readme|licen[cs]e)\b/i

/** Whether a file in an archive may have interactions or titles, by its name. */
export const mayBeData = ({ name }: Pick<Entry, 'name'>) =>
  (DATA.test(name) || !name.includes('.')) && !ABOUT.test(name)

const DIRECTORY_END = 0x06054b50
const DIRECTORY_ENTRY = 0x02014b50
const ENTRY_SIZE = 46
/** The end of the directory and the longest comment after it. */
const LONGEST_END = 22 + 0xffff

/** The files of a zip archive; undefined where it is none, or of a kind that the page does not unpack itself. */
export async function entriesOf(file: File): Promise<readonly Entry[] | undefined> {
  const tail = await viewOf(file.slice(Math.max(0, file.size - LONGEST_END)))
  let end = tail.byteLength - 22
  while (end >= 0 && tail.getUint32(end, true) !== DIRECTORY_END) end--
  if (end < 0) return undefined
  const [size, offset] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)]
  // Larger archives have their sizes elsewhere, and a damaged one has none.
  if (offset + size > file.size) return undefined
  const directory = await viewOf(file.slice(offset, offset + size))
  const entries: Entry[] = []
  for (let at = 0; at + ENTRY_SIZE <= size && directory.getUint32(at, true) === DIRECTORY_ENTRY; ) {
    const [nameSize, extraSize, commentSize] = [28, 30, 32].map((field) => directory.getUint16(at + field, true))
    const path = new TextDecoder().decode(new Uint8Array(directory.buffer, at + ENTRY_SIZE, nameSize))
    const encrypted = (directory.getUint16(at + 8, true) & 1) === 1
    const method = directory.getUint16(at + 10, true)
    const packed = directory.getUint32(at + 20, true)
    const start = directory.getUint32(at + 42, true)
    at += ENTRY_SIZE + (nameSize ?? 0) + (extraSize ?? 0) + (commentSize ?? 0)
    const name = path.split('/').at(-1) ?? ''
    // Folders, and what systems add to them.
    if (name === '' || name.startsWith('.') || path.startsWith('__MACOSX/')) continue
    if (encrypted || (method !== 0 && method !== 8) || start + packed > file.size) return undefined
    entries.push({ name, stream: () => unpacked(file, start, packed, method) })
  }
  return entries
}

/** The content of an entry. */
function unpacked(file: File, start: number, packed: number, method: number): ReadableStream<Uint8Array> {
  const content = new TransformStream<Uint8Array, Uint8Array>()
  const copied = async () => {
    const header = await viewOf(file.slice(start, start + 30))
    const from = start + 30 + header.getUint16(26, true) + header.getUint16(28, true)
    const bytes = file.slice(from, from + packed).stream()
    const plain = method === 0 ? bytes : bytes.pipeThrough(new DecompressionStream('deflate-raw'))
    await plain.pipeTo(content.writable)
  }
  copied().catch((error) => content.writable.abort(error).catch(() => {}))
  return content.readable
}

/** The first text of an entry. */
export async function headOf(entry: Entry): Promise<string> {
  const reader = entry.stream().getReader()
  const { value } = await reader.read()
  await reader.cancel()
  return new TextDecoder().decode(value?.subarray(0, 2000))
}

/** An entry as a file of its own. */
export async function fileOf(entry: Entry): Promise<File> {
  return new File([await new Response(entry.stream()).blob()], entry.name)
}

async function viewOf(blob: Blob): Promise<DataView> {
  return new DataView(await blob.arrayBuffer())
}
