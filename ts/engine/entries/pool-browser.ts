import { joinPool } from '../pool.ts'
import { parentChannel } from '../worker-browser.ts'

joinPool(parentChannel())
