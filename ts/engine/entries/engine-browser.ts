import { browserHost, parentChannel } from '../host-browser.ts'
import { serveEngine } from '../worker.ts'

serveEngine(browserHost, parentChannel())
