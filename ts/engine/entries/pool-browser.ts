import { parentChannel } from '../host-browser.ts'
import { joinPool } from '../pool.ts'

joinPool(parentChannel())
