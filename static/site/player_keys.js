// Which key does what. Nothing while a person types, and nothing that a focused control needs itself.
const KEYS = {
  " ": ["toggle"],
  k: ["toggle"],
  j: ["skip", -10],
  l: ["skip", 10],
  arrowleft: ["skip", -5],
  arrowright: ["skip", 5],
  arrowup: ["volume", 0.05],
  arrowdown: ["volume", -0.05],
  m: ["toggleMute"],
  f: ["toggleFull"],
};

export function shortcutOf(event, root) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return null;
  const { target } = event;
  const key = event.key.toLowerCase();
  if (target.isContentEditable || target.closest("textarea, select, dialog, [data-menu]")) return null;
  if (target.closest("input")) return target.matches("[data-seek]") ? seekKey(key) : null;
  if (target.closest("button, a, summary") && [" ", "enter"].includes(key)) return null;
  // Up and down scroll the page unless the person is in the player.
  if (["arrowup", "arrowdown"].includes(key) && !inPlayer(target, root)) return null;
  if (/^[0-9]$/.test(key)) return ["part", Number(key) / 10];
  return KEYS[key] ?? null;
}

function seekKey(key) {
  if (key === "home") return ["part", 0];
  if (key === "end") return ["part", 1];
  if (key === "pageup") return ["skip", 60];
  if (key === "pagedown") return ["skip", -60];
  if (key === "arrowup") return ["skip", 5];
  if (key === "arrowdown") return ["skip", -5];
  if (/^[0-9]$/.test(key)) return ["part", Number(key) / 10];
  return KEYS[key] ?? null;
}

function inPlayer(target, root) {
  return root.contains(target) || document.fullscreenElement === root;
}
