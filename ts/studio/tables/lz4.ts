export { decompress } from 'lz4js'
