// What happens is told here by name, and whoever shows it listens.

const listeners = new Map();

/** Calls `listener` whenever `name` is told; gives a function that ends it. */
export function on(name, listener) {
  if (!listeners.has(name)) listeners.set(name, new Set());
  listeners.get(name).add(listener);
  return () => listeners.get(name).delete(listener);
}

/** Tells `name` to all who listen at this moment. */
export function tell(name, value) {
  for (const listener of [...(listeners.get(name) ?? [])]) listener(value);
}

/** Several listeners that end together, as those of a view that is left. */
export class Listening {
  #ends = [];

  on(name, listener) {
    this.#ends.push(on(name, listener));
  }

  /** Something else that has to be ended with it. */
  add(end) {
    this.#ends.push(end);
  }

  end() {
    for (const end of this.#ends.splice(0)) end();
  }
}
