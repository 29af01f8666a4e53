// Parquet files into data sets: rows a second and memory, by each library that reads them, with integer and with text ids.
//
//   node bench/parquet.mjs [--rows 20000000] [--files FOLDER] [--libraries duckdb,hyparquet]
//   node bench/parquet.mjs --query [--rows 100000000]
//
// With --query a query keeps a tenth of one large file. DuckDB writes the files into a temporary folder, which is removed.
// With --files the Parquet files of a folder are read instead, such as files that pyarrow wrote. Each file is read in a
// process of its own.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { createEngine, Dataset } from '../dist/index.mjs'

const MiB = 2 ** 20
const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    query: { type: 'boolean', default: false },
    files: { type: 'string' },
    libraries: { type: 'string', default: 'duckdb,hyparquet' },
    // Reads one file and prints the result: how this program calls itself.
    read: { type: 'string' },
    library: { type: 'string' },
  },
})

if (values.read) {
  await measure((engine) => Dataset.fromParquet(values.read, { engine, library: values.library }))
} else if (values.files) {
  await readAll(values.files)
} else {
  const folder = await mkdtemp(join(tmpdir(), 'tastespace-parquet-'))
  try {
    if (values.query) await queryOne(folder, Number(values.rows ?? 100_000_000))
    else {
      await make(folder, Number(values.rows ?? 20_000_000))
      await readAll(folder)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function make(folder, rows) {
  const [connection, close] = await connected()
  const numbers = `select (i * 200000 // ${rows})::integer as u, (hash(i) % 50000)::integer as m,
    ((hash(i + 1) % 10 + 1) / 2)::float as rating, (1000000000 + hash(i + 2) % 1000000000)::bigint as timestamp
    from range(${rows}) as t(i)`
  const ids = {
    integers: 'u as user_id, m as item_id',
    texts: "'AE' || upper(left(sha256(u::varchar), 26)) as user_id, 'B0' || lpad(m::varchar, 8, '0') as item_id",
  }
  for (const [name, columns] of Object.entries(ids)) {
    for (const codec of ['snappy', 'zstd']) {
      const file = join(folder, `${name}-${codec}.parquet`)
      await connection.run(
        `copy (select ${columns}, rating, timestamp from (${numbers})) to '${file}' (format parquet, compression ${codec})`,
      )
    }
  }
  close()
}

async function connected() {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const close = () => {
    connection.closeSync()
    instance.closeSync()
  }
  return [connection, close]
}

async function queryOne(folder, rows) {
  const file = join(folder, 'large.parquet')
  const [connection, close] = await connected()
  await connection.run(
    `copy (select (hash(i) % 1000000)::integer as user, (hash(i + 7) % 100000)::integer as item,
      ((hash(i + 1) % 10 + 1) / 2)::float as rating, (1000000000 + i * 5)::bigint as time from range(${rows}) as t(i))
    to '${file}' (format parquet)`,
  )
  close()
  console.log(`${cpus()[0]?.model}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}`)
  console.log(`${rows} rows, ${Math.round((await stat(file)).size / MiB)} MiB; the process that wrote them reads them:`)
  await measure((engine) =>
    Dataset.fromSQL(`select user, item, rating, time from '${file}' where rating = 5`, { engine }),
  )
}

async function readAll(folder) {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.parquet')).sort()
  const table = []
  for (const file of files) {
    for (const library of values.libraries.split(',')) {
      const path = join(folder, file)
      const args = [fileURLToPath(import.meta.url), '--read', path, '--library', library]
      const { stdout } = await promisify(execFile)(process.execPath, args)
      table.push({ file, library, 'file MiB': Math.round((await stat(path)).size / MiB), ...JSON.parse(stdout) })
    }
  }
  console.log(`${cpus()[0]?.model}, Node ${process.versions.node}, load ${loadavg()[0]?.toFixed(1)}`)
  console.table(table)
}

async function measure(read) {
  const engine = await createEngine()
  const before = process.memoryUsage().rss
  const started = performance.now()
  const data = await read(engine)
  const seconds = (performance.now() - started) / 1000
  const { rows, duplicates } = await data.info()
  const { usedBytes } = await engine.usage()
  const peak = process.resourceUsage().maxRSS * 1024
  const count = rows + duplicates
  const result = {
    rows: count,
    seconds: Number(seconds.toFixed(1)),
    'million rows/s': Number((count / seconds / 1e6).toFixed(2)),
    'data set MiB': Math.round(usedBytes / MiB),
    'beyond it MiB': Math.round((peak - before - usedBytes) / MiB),
    'peak RSS MiB': Math.round(peak / MiB),
  }
  console.log(JSON.stringify(result))
  engine.dispose()
}
