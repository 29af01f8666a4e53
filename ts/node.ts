import { nodeHost } from './engine/host-node.ts'
import { duckdb } from './platform/database-node.ts'
import { nodeDownloads } from './platform/downloads-node.ts'
import { nodeFiles } from './platform/files-node.ts'
import { usePlatform } from './platform/platform.ts'

usePlatform({ host: nodeHost, files: nodeFiles, database: duckdb, downloads: nodeDownloads })

export * from './index.ts'
