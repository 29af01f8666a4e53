export * from 'apache-arrow'
