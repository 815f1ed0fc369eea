// Small pictures of a video, from a WebVTT track whose cues name a tile: `tiles.jpg#xywh=160,0,160,90`.
const TIMES = /((?:\d+:)?\d+:\d+[.,]\d+)\s+-->\s+((?:\d+:)?\d+:\d+[.,]\d+)/;
const TILE = /^(.*)#xywh=(?:pixel:)?(\d+),(\d+),(\d+),(\d+)$/;

export class Storyboard {
  constructor(address) {
    this.address = new URL(address, location.href);
    this.tiles = null;
  }

  // Every tile, in order. Asked for once.
  all() {
    this.tiles ??= this.load();
    return this.tiles;
  }

  show(picture, seconds) {
    this.wanted = seconds;
    this.all().then((tiles) => {
      const tile = tiles.find(({ end }) => this.wanted < end) ?? tiles.at(-1);
      picture.hidden = !tile;
      if (!tile) return;
      Object.assign(picture.style, {
        width: `${tile.width}px`,
        height: `${tile.height}px`,
        backgroundImage: `url("${tile.url}")`,
        backgroundPosition: `-${tile.x}px -${tile.y}px`,
      });
    });
  }

  async load() {
    try {
      const answer = await fetch(this.address);
      return answer.ok ? tilesIn(await answer.text(), this.address) : [];
    } catch {
      return [];
    }
  }
}

export function tilesIn(text, base) {
  const tiles = [];
  for (const block of text.split(/\r?\n\r?\n/)) {
    const times = TIMES.exec(block);
    const tile = TILE.exec(block.trim().split(/\r?\n/).at(-1));
    if (!times || !tile) continue;
    const [x, y, width, height] = tile.slice(2).map(Number);
    tiles.push({ end: seconds(times[2]), url: new URL(tile[1], base).href, x, y, width, height });
  }
  return tiles;
}

function seconds(clock) {
  return clock.replace(",", ".").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}
