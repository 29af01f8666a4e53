// In this folder, since the packages are installed here.
export * as vega from 'vega'
export * as vegaLite from 'vega-lite'
