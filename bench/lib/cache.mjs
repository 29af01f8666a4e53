// Folders outside the clone, which all clones share: what is kept between runs of the bench.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A folder of the bench's in the user's cache. */
export const cached = (...names) =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tastespace', 'bench', ...names)
