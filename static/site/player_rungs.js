// What the lines of a master playlist are called.

// A video without a picture has its sound for its only level.
export const SOUND = "audio";

export function rungName(level) {
  const file = /([^/]+)\.m3u8/.exec([level.url].flat()[0] ?? "")?.[1] ?? "";
  return file === SOUND || /^\d+p(-\w+)?$/.test(file) ? file : `${Math.min(level.width, level.height)}p`;
}

export function variantsIn(text) {
  const lines = text.split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return lines.map((line) => /([^/]+)\.m3u8/.exec(line)?.[1] ?? line);
}

// 1080p-av1 is 1080p in another codec.
export function rungLabel(name) {
  const [lines, codec] = name.split("-");
  return codec ? `${lines} ${codec.toUpperCase()}` : lines;
}
