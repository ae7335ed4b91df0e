// Runs before the first paint, so that the chosen theme never flashes. A file of its own: the page allows no inline script.
try {
  const theme = localStorage.getItem('godwit.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is blocked: the system's theme stands.
}
