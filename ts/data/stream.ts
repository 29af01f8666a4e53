/** A stream's chunks. Not every browser can iterate over a stream. */
export async function* streamed(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    // Ends the source of the stream when reading stops early.
    await reader.cancel()
  }
}
