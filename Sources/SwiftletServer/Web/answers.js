/** Answers that are being written, of any conversation: they go on while another one is shown. */
import { Problem, records } from "./api.js";
import { messagesForModel, touch } from "./conversation.js";
import { saveChat } from "./store.js";

const running = new Map();
let listener = () => {};

/** Calls `body(conversation, node, isEnd)` whenever an answer has grown or ended. */
export function onAnswer(body) { listener = body; }

export const isRunning = (conversation) => running.has(conversation.id);
export const runOf = (conversation) => running.get(conversation.id) ?? null;

export function stop(conversation) { running.get(conversation.id)?.abort.abort(); }

/** Lets the conversation's model write `node`, or more of it. Resolves when it has ended, however. */
export async function answer(conversation, node, { isMore = false } = {}) {
  const run = { node, abort: new AbortController(), start: performance.now(), first: null, pieces: 0, saved: performance.now() };
  running.set(conversation.id, run);
  const before = isMore ? node.stats?.tokens ?? 0 : 0;
  delete node.error;
  node.end = "running";
  node.model = conversation.model;
  listener(conversation, node, false);
  try {
    await read(conversation, node, run, isMore, before);
    if (node.end === "running") throw new Problem("The connection ended before the answer did.");
  } catch (error) {
    if (error.name === "AbortError") node.end = "stopped";
    else {
      node.end = "failed";
      node.error = error instanceof Problem ? error.message : `The page failed: ${error.message}`;
    }
    countBySelf(node, run, before);
  }
  running.delete(conversation.id);
  touch(conversation);
  listener(conversation, node, true);
  await saveChat(conversation).catch(() => {});
}

async function read(conversation, node, run, isMore, before) {
  const body = {
    model: conversation.model, stream: true, options: options(conversation.settings),
    // An answer at the end is gone on with.
    messages: messagesForModel(conversation, isMore ? node.id : node.parent),
  };
  if (conversation.settings.thinking) body.think = conversation.settings.thinking === "on";
  for await (const record of records("api/chat", { method: "POST", body, signal: run.abort.signal })) {
    const { content = "", thinking = "" } = record.message ?? {};
    if (content !== "" || thinking !== "") {
      run.first ??= performance.now();
      run.pieces += 1;
      node.content += content;
      if (thinking !== "") node.reasoning = (node.reasoning ?? "") + thinking;
    }
    if (record.done) {
      node.end = record.done_reason ?? "stop";
      node.stats = stats(record, run, before);
    }
    listener(conversation, node, false);
    if (performance.now() - run.saved > 2000) {
      run.saved = performance.now();
      saveChat(conversation).catch(() => {});
    }
  }
}

function options(settings) {
  const names = ["temperature", "top_p", "num_predict", "seed", "num_ctx"];
  return Object.fromEntries(names.filter((name) => settings[name] !== undefined).map((name) => [name, settings[name]]));
}

/** What the last record counts, and what only the page can: how long the person waited. */
function stats(record, run, before) {
  const seconds = record.eval_duration / 1e9;
  return {
    tokens: before + record.eval_count, rate: seconds > 0 ? record.eval_count / seconds : undefined, first: waited(run),
    prompt: record.prompt_eval_count, cached: record.prompt_cached_count ?? 0,
  };
}

/** An answer that was stopped has no counts of the server: each piece is about a token. */
function countBySelf(node, run, before) {
  if (run.first === null) return;
  const seconds = (performance.now() - run.first) / 1000;
  node.stats = {
    tokens: before + run.pieces, rate: run.pieces > 1 && seconds > 0 ? run.pieces / seconds : undefined, first: waited(run), isAbout: 1,
  };
}

const waited = (run) => (run.first === null ? undefined : (run.first - run.start) / 1000);
