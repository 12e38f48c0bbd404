// Runs before anything is painted, so that a chosen theme does not flash: the one classic script.
(function () {
  'use strict';
  try {
    const theme = localStorage.getItem('zuruf-theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // Without storage the system's theme holds.
  }
})();
