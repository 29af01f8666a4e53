import { parentChannel } from '../host-node.ts'
import { joinPool } from '../pool.ts'

joinPool(parentChannel())
