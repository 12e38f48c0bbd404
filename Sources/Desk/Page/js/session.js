// What this tab keeps until it is closed, also where it is loaded anew: nothing of it lies longer.

/** The list that was kept under a name; empty where none is. */
export function recalled(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? '[]');
  } catch {
    return [];
  }
}

export function keep(name, list) {
  try {
    sessionStorage.setItem(name, JSON.stringify(list));
  } catch {
    // It holds until the page is left.
  }
}
