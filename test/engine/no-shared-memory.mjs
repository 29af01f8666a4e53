// Preloaded into a process and its workers: shared memory fails as it does under a low limit on address space.
WebAssembly.Memory = class extends WebAssembly.Memory {
  constructor(descriptor) {
    if (descriptor.shared) throw new RangeError('WebAssembly.Memory(): could not allocate memory')
    super(descriptor)
  }
}
