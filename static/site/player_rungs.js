// What the lines of a master playlist are called.

// A video without a picture has its sound for its only level.
export const SOUND = "audio";

// "/videos/film/720p.m3u8" -> "720p".
export function fileOf(address) {
  return /([^/]+)\.m3u8/.exec(address ?? "")?.[1] ?? "";
}

export function rungName(level) {
  const file = fileOf([level.url].flat()[0]);
  return file === SOUND || /^\d+p(-\w+)?$/.test(file) ? file : `${Math.min(level.width, level.height)}p`;
}

export function variantsIn(text) {
  const lines = text.split(/\r?\n/).filter((line) => line && !line.startsWith("#"));
  return lines.map((line) => fileOf(line) || line);
}

export function soundsIn(text) {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith("#EXT-X-MEDIA:TYPE=AUDIO"));
  return lines.map((line) => fileOf(/URI="([^"]+)"/.exec(line)?.[1])).filter(Boolean);
}

// 1080p-av1 is 1080p in another codec.
export function rungLabel(name) {
  const [lines, codec] = name.split("-");
  return codec ? `${lines} ${codec.toUpperCase()}` : lines;
}
