export * from 'hyparquet'
