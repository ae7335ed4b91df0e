import { existsSync } from 'node:fs'

const places = [
  process.env.GODWIT_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

export const chromiumPath = places.find((place) => place !== undefined && place !== '' && existsSync(place))

export const chromiumMissing =
  'Chromium is missing, so the browser tests are skipped. Install it with `apt-get install -y chromium` ' +
  '(macOS: `brew install --cask google-chrome`), or name its binary in GODWIT_CHROMIUM.'
