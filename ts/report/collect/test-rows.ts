import type { Dataset } from '../../index.ts'

/** A row of a data set. */
interface Row {
  readonly user: string
  readonly item: string
}

/** The rows of a data set, which are not kept: it can be of any size. */
export async function* rowsOf(data: Dataset): AsyncGenerator<Row> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const piece of data.toJSONLines()) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const { user, item }: { user: unknown; item: unknown } = JSON.parse(line)
      yield { user: String(user), item: String(item) }
    }
  }
}

/** The items of some users. */
export async function itemsOf(data: Dataset, users: readonly string[]): Promise<Map<string, string[]>> {
  const items = new Map(users.map((user): [string, string[]] => [user, []]))
  for await (const { user, item } of rowsOf(data)) items.get(user)?.push(item)
  return items
}

/** The users that have a row. */
export async function usersOf(data: Dataset): Promise<Set<string>> {
  const users = new Set<string>()
  for await (const { user } of rowsOf(data)) users.add(user)
  return users
}
