import { nodeHost, parentChannel } from '../host-node.ts'
import { serveEngine } from '../worker.ts'

serveEngine(nodeHost, parentChannel())
