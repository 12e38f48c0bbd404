// Light, dark, or as the system says.

export function currentTheme() {
  return document.documentElement.dataset.theme ?? 'auto';
}

export function chooseTheme(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === 'auto') localStorage.removeItem('zuruf-theme');
    else localStorage.setItem('zuruf-theme', theme);
  } catch {
    // It holds until the page is left.
  }
}
