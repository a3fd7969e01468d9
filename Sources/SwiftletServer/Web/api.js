/** The server's API: requests, streams of JSON lines, and errors in words. */
import { askForKey } from "./dialogs.js";

const KEY = "swiftlet.key";
let question = null;

/** What went wrong, for people. `status` is 0 when there was no answer at all. */
export class Problem extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }
}

function savedKey() {
  try { return sessionStorage.getItem(KEY); } catch { return null; }
}

export const hasKey = () => savedKey() !== null;

export function forgetKey() { sessionStorage.removeItem(KEY); }

/** A new key from the person; several requests that need one share the question. */
function newKey(old) {
  if (savedKey() !== old) return Promise.resolve(savedKey());
  question ??= askForKey(old !== null).then((key) => {
    if (key !== null) {
      try { sessionStorage.setItem(KEY, key); } catch { /* Then it is asked for again. */ }
    }
    question = null;
    return key;
  });
  return question;
}

/** The server's answer to a request, if it is a good one; throws a `Problem` otherwise. */
export async function request(path, { method = "GET", body, signal } = {}) {
  let key = savedKey();
  for (;;) {
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (key) headers.Authorization = `Bearer ${key}`;
    let response;
    try {
      response = await fetch(path, {
        method, headers, signal, cache: "no-store", body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem("The server does not answer. Is swiftlet serve still running?");
    }
    if (response.ok) return response;
    if (response.status === 401) {
      const next = await newKey(key);
      if (next !== null) { key = next; continue; }
    }
    throw await problem(response);
  }
}

async function problem(response) {
  let words = "";
  try {
    const body = await response.json();
    words = typeof body.error === "string" ? body.error : body.error?.message ?? "";
  } catch { /* No words then: the status has some. */ }
  if (words === "") words = `The server answered ${response.status} ${response.statusText}`.trim();
  const seconds = Number(response.headers.get("Retry-After"));
  if (seconds > 0) words += ` (try again in ${seconds} s)`;
  return new Problem(words, response.status);
}

/** A request whose answer is one JSON value. */
export async function json(path, options) { return (await request(path, options)).json(); }

/** The records of a stream of JSON lines; a record that tells an error is thrown. */
export async function* records(path, options) {
  const response = await request(path, options);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + (done ? decoder.decode() : decoder.decode(value, { stream: true }))).split("\n");
      rest = done ? "" : lines.pop();
      for (const line of lines) {
        if (line.trim() !== "") yield record(line);
      }
      if (done) return;
    }
  } catch (error) {
    if (error instanceof Problem || error.name === "AbortError") throw error;
    throw new Problem("The connection to the server was lost.");
  } finally {
    reader.cancel().catch(() => {});
  }
}

function record(line) {
  let value;
  try { value = JSON.parse(line); } catch { throw new Problem("The server sent a line that is no JSON."); }
  if (typeof value.error === "string") throw new Problem(value.error, 500);
  return value;
}
