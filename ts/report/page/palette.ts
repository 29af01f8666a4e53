/** Colours of a page and of its pictures on a light ground, by the names of CSS variables. */
export const LIGHT: Readonly<Record<string, string>> = {
  '--ground': '#fbfaf7',
  '--panel': '#ffffff',
  '--ink': '#1d2129',
  '--soft': '#5c6470',
  '--line': '#e3e1da',
  '--bar': '#b9bdc6',
  '--mark': '#fdf0b8',
  '--warn': '#a1471a',
  '--focus': '#2563c9',
}

/** The same on a dark ground. */
export const DARK: Readonly<Record<string, string>> = {
  '--ground': '#14171c',
  '--panel': '#1b1f26',
  '--ink': '#e8eaee',
  '--soft': '#a3acb9',
  '--line': '#2e343e',
  '--bar': '#555e6d',
  '--mark': '#4b4318',
  '--warn': '#f0955b',
  '--focus': '#8ab4f8',
}
