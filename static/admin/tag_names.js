// "one, two,," -> ["one", "two"]: a field in which people write names with commas between them.
export function namesIn(text) {
  return text
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
}
