/** Conversations as files: JSON has everything and can be read again, Markdown is for people. */
import { makeConversation, path, ROOT, textForModel } from "./conversation.js";

const FORMAT = "swiftlet-chats";
const ROLES = ["user", "assistant"];

export function exportJSON(conversations) {
  return `${JSON.stringify({ format: FORMAT, version: 1, exported: new Date().toISOString(), conversations }, null, 2)}\n`;
}

export function exportMarkdown(conversation) {
  const lines = [`# ${conversation.title || "Chat"}`];
  const system = (conversation.settings.system ?? "").trim();
  if (system !== "") lines.push("## System", system);
  for (const node of path(conversation)) {
    lines.push(node.role === "user" ? "## You" : `## ${node.model || "Assistant"}`);
    if (node.reasoning) lines.push(`<details><summary>Reasoning</summary>\n\n${node.reasoning.trim()}\n\n</details>`);
    lines.push(textForModel(node).trim());
  }
  return `${lines.join("\n\n")}\n`;
}

/** A file's name that all systems take. */
export function fileName(conversation, ending) {
  const name = (conversation.title || "chat").normalize("NFKD").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${name.slice(0, 60) || "chat"}.${ending}`;
}

/** The conversations of an exported file, with names of their own; throws an `Error` that says what is wrong with it. */
export function importJSON(text) {
  let file;
  try { file = JSON.parse(text); } catch { throw new Error("It is no JSON."); }
  if (file?.format !== FORMAT) throw new Error("Swiftlet did not export it.");
  if (file.version !== 1) throw new Error("A later version of Swiftlet exported it.");
  if (!Array.isArray(file.conversations)) throw new Error("It has no list of chats.");
  return file.conversations.map(readConversation);
}

// A file may have been written by anybody: only members of the right type are taken over.
function readConversation(given) {
  const nodes = given?.nodes;
  if (typeof nodes !== "object" || nodes === null || !Object.hasOwn(nodes, ROOT)) throw new Error("One of its chats has no messages.");
  const conversation = makeConversation({ model: string(given.model), settings: readSettings(given.settings) });
  conversation.title = string(given.title).slice(0, 200);
  conversation.created = number(given.created) ?? conversation.created;
  conversation.updated = number(given.updated) ?? conversation.updated;
  // From the root down, each message once: what hangs nowhere, or in a circle, is left out.
  const waiting = [[ROOT, null]];
  const seen = new Set();
  while (waiting.length > 0) {
    const [id, parent] = waiting.pop();
    if (seen.has(id)) throw new Error("A message of it has two places.");
    seen.add(id);
    const node = readNode(nodes[id], id, parent, nodes);
    conversation.nodes[id] = node;
    for (const child of node.children) waiting.push([child, id]);
  }
  return conversation;
}

function readNode(given, id, parent, nodes) {
  const children = Array.isArray(given?.children)
    ? given.children.filter((child) => typeof child === "string" && child !== "__proto__" && Object.hasOwn(nodes, child)) : [];
  const chosen = Math.min(Math.max(0, Math.trunc(number(given?.chosen) ?? 0)), Math.max(0, children.length - 1));
  if (id === ROOT) return { id, parent, role: ROOT, children, chosen };
  if (!ROLES.includes(given.role)) throw new Error("A message of it is nobody's.");
  const node = { id, parent, role: given.role, content: string(given.content), created: number(given.created) ?? 0, children, chosen };
  for (const name of ["reasoning", "model", "error", "end"]) {
    if (typeof given[name] === "string") node[name] = given[name];
  }
  if (given.edited === true) node.edited = true;
  if (Array.isArray(given.attachments)) {
    node.attachments = given.attachments.map((file) => ({ name: string(file?.name), text: string(file?.text) }));
  }
  if (typeof given.stats === "object" && given.stats !== null) {
    const stats = Object.entries(given.stats).filter(([, value]) => Number.isFinite(value));
    node.stats = Object.fromEntries(stats);
  }
  return node;
}

function readSettings(given) {
  const settings = {};
  if (typeof given?.system === "string") settings.system = given.system;
  if (["on", "off"].includes(given?.thinking)) settings.thinking = given.thinking;
  for (const name of ["temperature", "top_p", "num_predict", "seed", "num_ctx"]) {
    if (Number.isFinite(given?.[name])) settings[name] = given[name];
  }
  return settings;
}

const string = (value) => (typeof value === "string" ? value : "");
const number = (value) => (Number.isFinite(value) ? value : undefined);
