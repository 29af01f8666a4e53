/**
 * Models as tables of databases and files of other programs. Each function writes vectors, which rank the items by inner
 * product or distance exactly as `model.recommend` does. Models without such vectors are written as lists.
 */
import '../node.ts'

export { toCSV } from './csv.ts'
export type { ExportOptions, ExportProgress, ExportReport, PgvectorOptions, TableExportOptions } from './options.ts'
export { toParquet } from './parquet.ts'
export { toPgvector } from './pgvector.ts'
export { toProjector } from './projector.ts'
export { toSqliteVec } from './sqlite-vec.ts'
