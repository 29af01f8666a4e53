// Here, because here is where they are installed.
export * as vega from 'vega'
export * as vegaLite from 'vega-lite'
