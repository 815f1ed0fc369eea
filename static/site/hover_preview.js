// A look into a video while its card is pointed at or focused: pictures of its storyboard, one after
// the other. Nothing is loaded before, and nothing at all for who wants less motion or less data.
import { Storyboard } from "./storyboard.js";

const DELAY_MS = 450;
// All of it takes less than the five seconds that may move without a way to stop (WCAG 2.2.2), at
// less than three changes a second (2.3.1).
const PICTURE_MS = 400;
const SHEETS = 3;
const PICTURES_A_SHEET = 4;
const CALM = "(prefers-reduced-motion: reduce), (prefers-reduced-data: reduce)";

const boards = new Map();

export function previewCards() {
  let shown = null;

  function point(card) {
    if (card === (shown?.card ?? null)) return;
    shown?.stop();
    shown = card ? new Preview(card) : null;
  }

  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType === "mouse") point(cardOf(target));
  });
  document.documentElement.addEventListener("pointerleave", () => point(null));
  document.addEventListener("focusin", ({ target }) => target.matches(":focus-visible") && point(cardOf(target)));
  document.addEventListener("focusout", () => point(null));
  document.addEventListener("keydown", ({ key }) => key === "Escape" && shown?.stop());
  addEventListener("pagehide", () => point(null));
}

function cardOf(element) {
  if (matchMedia(CALM).matches || navigator.connection?.saveData) return null;
  return element.closest(".card[data-storyboard]");
}

class Preview {
  constructor(card) {
    this.card = card;
    this.over = new AbortController();
    this.play().catch(() => {}).finally(() => this.stop());
  }

  stop() {
    this.over.abort();
    this.box?.remove();
  }

  async play() {
    const { signal } = this.over;
    await pause(DELAY_MS, signal);
    const pictures = spread(await boardOf(this.card.dataset.storyboard).all());
    let sheet = null;
    for (const [place, tile] of pictures.entries()) {
      signal.throwIfAborted();
      if (sheet?.src !== tile.url) sheet = await sheetAt(tile.url);
      signal.throwIfAborted();
      this.draw(sheet, tile, (place + 1) / pictures.length);
      await pause(PICTURE_MS, signal);
    }
  }

  draw(sheet, { x, y, width, height }, share) {
    this.box ??= boxOver(this.card.querySelector(".card-poster"));
    this.box.style.setProperty("--share", String(share));
    const [canvas] = this.box.children;
    Object.assign(canvas, { width, height });
    canvas.getContext("2d").drawImage(sheet, x, y, width, height, 0, 0, width, height);
  }
}

// Over the picture and under what is written on it.
function boxOver(poster) {
  const box = document.createElement("span");
  box.className = "card-preview";
  box.setAttribute("aria-hidden", "true");
  box.append(document.createElement("canvas"));
  poster.firstElementChild.after(box);
  return box;
}

function boardOf(address) {
  if (!boards.has(address)) boards.set(address, new Storyboard(address));
  return boards.get(address);
}

async function sheetAt(url) {
  const sheet = new Image();
  sheet.src = url;
  await sheet.decode();
  return sheet;
}

// A few pictures from all over the video that lie on few sheets, since each sheet is a download.
function spread(tiles) {
  const sheets = [...new Set(tiles.map(({ url }) => url))];
  return evenly(sheets, SHEETS).flatMap((sheet) => {
    return evenly(tiles.filter(({ url }) => url === sheet), PICTURES_A_SHEET);
  });
}

function evenly(list, most) {
  const count = Math.min(list.length, most);
  return Array.from({ length: count }, (_, place) => list[Math.floor(((place + 0.5) * list.length) / count)]);
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
