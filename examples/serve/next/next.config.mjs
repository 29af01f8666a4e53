// The engine starts its workers from files of the package, so it is not bundled.
export default { serverExternalPackages: ['tastespace'] }
