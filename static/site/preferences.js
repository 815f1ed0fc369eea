// What this browser remembers for its user. A browser that keeps nothing still plays.
const STORE = "vlog.player";

export function preference(name, otherwise = null) {
  return read(STORE)[name] ?? otherwise;
}

export function prefer(name, value) {
  write(STORE, { ...read(STORE), [name]: value });
}

export function read(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "{}");
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Private windows and full stores keep nothing.
  }
}
