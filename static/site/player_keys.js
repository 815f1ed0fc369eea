// Which key does what. Nothing while a person types, and nothing that a focused control needs itself.
const KEYS = {
  " ": ["toggleSaying"],
  k: ["toggleSaying"],
  j: ["skip", -10],
  l: ["skip", 10],
  arrowleft: ["skip", -5],
  arrowright: ["skip", 5],
  arrowup: ["louder", 0.05],
  arrowdown: ["louder", -0.05],
  home: ["part", 0],
  end: ["part", 1],
  m: ["toggleMute"],
  f: ["toggleFull"],
  t: ["toggleTheatre"],
  i: ["togglePictureInPicture"],
  c: ["toggleCaptions"],
  ",": ["step", -1],
  ".": ["step", 1],
  "<": ["faster", -1],
  ">": ["faster", 1],
  "?": ["showHelp"],
  escape: ["closeTopmost"],
};
const SEEK_KEYS = {
  arrowup: ["skip", 5],
  arrowdown: ["skip", -5],
  pageup: ["skip", 60],
  pagedown: ["skip", -60],
};
const CHAPTER_KEYS = { arrowleft: ["chapter", -1], arrowright: ["chapter", 1] };
// These move the page, or something in it, wherever the player is not.
const MOVING = ["arrowup", "arrowdown", "home", "end"];
const WIDGET_KEYS = [...MOVING, "arrowleft", "arrowright", "pageup", "pagedown", " "];

// `everywhere`: whether single keys count outside of the player. `visible`: whether it is on the screen.
export function shortcutOf(event, root, { everywhere, visible }) {
  if (event.defaultPrevented || event.metaKey || event.altKey || event.isComposing) return null;
  const { target } = event;
  const key = keyOf(event);
  const inside = root.contains(target) || document.fullscreenElement === root;
  if (target.isContentEditable || target.closest("textarea, select, dialog")) return null;
  if (!inside && !everywhere) return null;
  if (event.ctrlKey) return target.closest("input") ? null : (CHAPTER_KEYS[key] ?? null);
  if (target.matches("[data-seek]")) return SEEK_KEYS[key] ?? shortcut(key);
  if (target.matches("input") && !target.matches("[type=range], [type=radio], [type=checkbox]")) return null;
  if (target.closest("input, [data-own-keys]") && WIDGET_KEYS.includes(key)) return null;
  if (target.closest("button, a, summary") && [" ", "enter"].includes(key)) return null;
  if (MOVING.includes(key) && !inside && !(visible && target.matches("body, main"))) return null;
  return shortcut(key);
}

// Where the keyboard writes another alphabet, the letter that is printed beside it.
function keyOf({ key, code }) {
  const [, letter] = /^Key([A-Z])$/.exec(code) ?? [];
  return (letter && !/^[\x20-\x7e]$/.test(key) ? letter : key).toLowerCase();
}

function shortcut(key) {
  if (/^[0-9]$/.test(key)) return ["part", Number(key) / 10];
  return KEYS[key] ?? null;
}
