/** Characters that are written at a time. */
const PIECE = 1 << 20

/** Joins many short texts into few long ones, which are written faster. */
export async function* pieces(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let piece = ''
  for await (const text of texts) {
    piece += text
    if (piece.length < PIECE) continue
    yield piece
    piece = ''
  }
  yield piece
}
