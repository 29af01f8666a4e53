// Folders outside the clone, shared by all clones, that the bench keeps between runs.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** A folder of the bench in the user's cache. */
export const cached = (...names) =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'tastespace', 'bench', ...names)
