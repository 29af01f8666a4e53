export * from 'hyparquet-compressors'
