/** A stream that fails with the reason of `signal` once it is aborted. */
export function cancellable(stream: ReadableStream<Uint8Array>, signal: AbortSignal): ReadableStream<Uint8Array> {
  return stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        signal.throwIfAborted()
        controller.enqueue(chunk)
      },
    }),
  )
}
