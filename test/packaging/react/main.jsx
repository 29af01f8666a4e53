import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { Recommendations } from './recommendations.jsx'

createRoot(document.getElementById('root')).render(createElement(Recommendations))
