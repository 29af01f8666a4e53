/** The two builds of the engine: with threads on shared memory, and without. */
export type Build = 'mt' | 'st'
