// Between what the server calls a moment and what a date field holds.

// "2030-01-31T17:00:00Z" -> "2030-01-31T18:00" where the clocks are an hour ahead.
export function localMoment(iso) {
  if (!iso) return "";
  const moment = new Date(iso);
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

export function isoMoment(local) {
  const moment = new Date(local);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}
