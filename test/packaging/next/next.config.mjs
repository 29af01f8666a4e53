export default { output: 'standalone', serverExternalPackages: ['tastespace'] }
