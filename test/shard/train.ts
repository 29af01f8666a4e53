// A run on several tasks, each with an instance of the module and a part of the user groups. Item groups travel as bytes.
import { floats, indices, Shard } from './module.ts'

export interface Columns {
  users: number
  items: number
  rows: readonly (readonly [user: number, item: number, rating: number])[]
}

type Rows = [vectors: Uint8Array, biases: Uint8Array]
type Side = 'users' | 'items'

interface Cut {
  count: number
  strata: number[]
  groups: Record<Side, Uint8Array>
  positions: Record<Side, Uint32Array>
}

export interface Run {
  kind: string
  options: object
  seed: number
  epochs: number
  tasks: number
}

/** The parameters after the last epoch, by the names of the model file; rows without interactions are 0. */
export function train(data: Columns, { kind, options, seed, epochs, tasks }: Run) {
  const counts = { users: new Uint32Array(data.users), items: new Uint32Array(data.items) }
  for (const [user, item] of data.rows) {
    counts.users[user] = (counts.users[user] ?? 0) + 1
    counts.items[item] = (counts.items[item] ?? 0) + 1
  }
  const ratings = data.rows.map(([, , rating]) => rating)
  // Fewer than 65,536 ratings, which are one sum.
  const scale = new Float64Array([
    ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length,
    Math.min(...ratings),
    Math.max(...ratings),
  ])
  const shards = Array.from({ length: tasks }, () => new Shard())
  const begun = shards.map((shard) =>
    shard.call({ call: 'begin', kind, options, seed }, [counts.users, counts.items, scale]),
  )
  const plan = begun[0]?.json as {
    factors: number
    cutsAnew: boolean
    constants: Record<string, number>
    users: Names
    items: Names
  }

  let rows: Record<Side, Rows[]> | undefined
  let cut: Cut | undefined
  const losses: number[] = []
  for (let epoch = 0; epoch < epochs; epoch++) {
    const before = cut
    const now = cutOf(shards, epoch)
    cut = now
    const owner = (group: number) => shards[Math.floor((group * tasks) / now.count)] as Shard
    if (!rows || !before) {
      const initial = (side: Side) =>
        Array.from(
          { length: now.count },
          (_, group) => owner(group).call({ call: 'initial', side, group }).parts as Rows,
        )
      rows = { users: initial('users'), items: initial('items') }
    } else if (plan.cutsAnew) {
      rows = { users: moved('users', rows.users, before, now), items: moved('items', rows.items, before, now) }
    }
    if (epoch === 0 || plan.cutsAnew) load(data, now, owner, rows.users)
    const { items } = rows
    // Backwards: blocks of a stratum may run in any order.
    for (const stratum of now.strata) {
      for (let group = now.count - 1; group >= 0; group--) {
        const itemGroup = (group + stratum) % now.count
        const request = { call: 'train', epoch, group, itemGroup }
        items[itemGroup] = owner(group).call(request, items[itemGroup]).parts as Rows
      }
    }
    let [sum, count] = [0, 0]
    for (let group = 0; group < now.count; group++) {
      rows.users[group] = owner(group).call({ call: 'rows', group }).parts as Rows
      const loss = owner(group).call({ call: 'loss', group })
      sum += new Float64Array((loss.parts[0] as Uint8Array).slice().buffer)[0] ?? 0
      count += loss.json.count as number
    }
    losses.push(kind === 'bpr' ? sum / count : Math.sqrt(sum / data.rows.length))
  }
  const tensors: Record<string, Float32Array> = {}
  for (const [name, value] of Object.entries(plan.constants)) tensors[name] = new Float32Array([value])
  for (const side of ['users', 'items'] as const) {
    if (rows && cut) Object.assign(tensors, tables(plan[side], plan.factors, rows[side], cut, side))
  }
  return { tensors, losses }
}

interface Names {
  vectors: string
  biases: string | null
}

function cutOf(shards: readonly Shard[], epoch: number): Cut {
  const [first] = shards.map((shard) => shard.call({ call: 'cut', epoch }))
  const { json, parts } = first as { json: Record<string, unknown>; parts: Uint8Array[] }
  const [userGroups, users, itemGroups, items] = parts
  return {
    count: json.count as number,
    strata: json.strata as number[],
    groups: { users: userGroups as Uint8Array, items: itemGroups as Uint8Array },
    positions: { users: indices(users), items: indices(items) },
  }
}

/** Gives each group its interactions, in the order of the data. */
function load(data: Columns, cut: Cut, owner: (group: number) => Shard, rows: readonly Rows[]) {
  for (const [group, start] of rows.entries()) {
    const own = data.rows.filter(([user]) => cut.groups.users[user] === group)
    const positions = Uint32Array.from(own, ([user]) => cut.positions.users[user] ?? 0)
    const [items, ratings] = [
      Uint32Array.from(own, ([, item]) => item),
      Float32Array.from(own, ([, , rating]) => rating),
    ]
    owner(group).call({ call: 'load', group }, [positions, items, ratings, ...start])
  }
}

/** The rows of one cut in the groups of the next. */
function moved(side: Side, rows: readonly Rows[], before: Cut, after: Cut): Rows[] {
  const sizes = new Array<number>(after.count).fill(0)
  const found = after.groups[side].length
  const present: number[] = []
  const has = (member: number) => {
    const size = floats(rows[before.groups[side][member] ?? 0]?.[0]).length
    return size > 0
  }
  for (let member = 0; member < found; member++) if (has(member)) present.push(member)
  for (const member of present) {
    const group = after.groups[side][member] ?? 0
    sizes[group] = Math.max(sizes[group] ?? 0, (after.positions[side][member] ?? 0) + 1)
  }
  const from = rows.map(([vectors, biases]) => [floats(vectors), floats(biases)] as const)
  const stride = (from[0]?.[0].length ?? 0) / groupSize(side, before, 0)
  const hasBiases = (from[0]?.[1].length ?? 0) > 0
  const to = sizes.map((size) => [new Float32Array(size * stride), new Float32Array(hasBiases ? size : 0)] as const)
  for (const member of present) {
    const [source, target] = [from[before.groups[side][member] ?? 0], to[after.groups[side][member] ?? 0]]
    const [old, place] = [before.positions[side][member] ?? 0, after.positions[side][member] ?? 0]
    target?.[0].set(source?.[0].subarray(old * stride, (old + 1) * stride) ?? [], place * stride)
    if (hasBiases) target?.[1].set(source?.[1].subarray(old, old + 1) ?? [], place)
  }
  return to.map(([vectors, biases]) => [new Uint8Array(vectors.buffer), new Uint8Array(biases.buffer)])
}

/** Every row has interactions in these tests, so that a group's size is its highest position. */
function groupSize(side: Side, cut: Cut, group: number): number {
  const positions = cut.positions[side].filter((_, member) => cut.groups[side][member] === group)
  return positions.reduce((size, position) => Math.max(size, position + 1), 0)
}

function tables(names: Names, factors: number, rows: readonly Rows[], cut: Cut, side: Side) {
  const members = cut.groups[side].length
  const [vectors, biases] = [new Float32Array(members * factors), new Float32Array(members)]
  const from = rows.map(([vectors, biases]) => [floats(vectors), floats(biases)] as const)
  for (let member = 0; member < members; member++) {
    const group = cut.groups[side][member] ?? 0
    const [position, source] = [cut.positions[side][member] ?? 0, from[group]]
    const stride = (source?.[0].length ?? 0) / groupSize(side, cut, group)
    vectors.set(source?.[0].subarray(position * stride, position * stride + factors) ?? [], member * factors)
    biases.set(source?.[1].subarray(position, position + 1) ?? [], member)
  }
  return { [names.vectors]: vectors, ...(names.biases ? { [names.biases]: biases } : {}) }
}
