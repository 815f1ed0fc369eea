// 3723 -> "1:02:03", 65 -> "1:05".
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

// 3723 -> "1 hour 2 minutes 3 seconds", for those who listen.
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds || 0));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => plural(count, unit));
  return said.join(" ") || "0 seconds";
}

export function plural(count, unit) {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

// 95 -> "about 2 minutes left".
export function timeLeft(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return "";
  if (seconds < 10) return "a few seconds left";
  if (seconds < 55) return `about ${Math.ceil(seconds / 10) * 10} seconds left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${plural(Math.max(1, minutes), "minute")} left`;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return `about ${plural(hours, "hour")}${rest ? ` ${plural(rest, "minute")}` : ""} left`;
}

// The pages are in English, and write days as "26 Nov 2026" wherever the browser is.
const dateAndTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const onlyDate = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const onlyTime = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const wholeNumber = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

// "2026-11-26T15:13:00Z" -> "26 Nov 2026, 15:13", in the time zone of the browser.
export function moment(text) {
  return dateAndTime.format(new Date(text));
}

export function calendarDay(text) {
  return onlyDate.format(new Date(text));
}

export function timeOfDay(text) {
  return onlyTime.format(new Date(text));
}

// 12345 -> "12,345".
export function number(value) {
  return wholeNumber.format(value);
}

export function bytes(count) {
  if (count === null || count === undefined) return "";
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

// ["720p", "480p", "360p"] -> "720p, 480p and 360p".
export function listed(names) {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}
