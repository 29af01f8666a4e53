import { type FileContent, files } from './platform.ts'

/** Writes a file whole or not at all: whoever looks sees the old one or the new one. */
export function writeFile(path: string | URL, content: FileContent): Promise<void> {
  return files().write(path, content)
}

/** Rejects if a file cannot be written there, before hours of work that would end in it. */
export function checkWritable(path: string | URL): Promise<void> {
  return files().checkWritable(path)
}
