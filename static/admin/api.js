// Talks to the admin API. Throws an Error whose message a person understands.
import { sayIfSignedOut } from "./signed_out.js";

export const NO_ANSWER = "The server does not answer. Is VLog still running?";

export async function api(path, { method = "GET", json, file } = {}) {
  const headers = { Accept: "application/json" };
  if (json !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: json === undefined ? file : JSON.stringify(json) });
  } catch {
    throw new Error(NO_ANSWER);
  }
  const text = await answer.text();
  if (!answer.ok) throw new Error(problem(answer.status, text));
  return text ? JSON.parse(text) : null;
}

// The server's own words, where it said any.
export function problem(status, text) {
  sayIfSignedOut(status);
  try {
    const { detail, title } = JSON.parse(text);
    if (detail || title) return detail || title;
  } catch {
    return `The server answered with status ${status}.`;
  }
  return `The server answered with status ${status}.`;
}
