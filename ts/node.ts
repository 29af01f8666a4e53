import { nodeHost } from './engine/host-node.ts'
import { nodeFiles } from './files-node.ts'
import { usePlatform } from './platform.ts'

usePlatform({ host: nodeHost, files: nodeFiles })

export * from './index.ts'
