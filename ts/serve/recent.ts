/** The values of the keys that were used last. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>()

  constructor(private readonly most: number) {}

  /** The value of a key, made if it is not there. */
  get(key: string, make: () => Value): Value {
    const value = this.#values.get(key) ?? make()
    // A map keeps the order of insertion: the first is the one that was not used for longest.
    this.#values.delete(key)
    this.#values.set(key, value)
    const [oldest] = this.#values.keys()
    if (this.#values.size > this.most && oldest !== undefined) this.#values.delete(oldest)
    return value
  }
}
