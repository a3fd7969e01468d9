/** What the browser keeps: conversations in IndexedDB, small choices in localStorage. Nothing of it goes to the server. */

const CHATS = "chats";
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("swiftlet.chats") : null;
let database = null;
/** Where chats are when the browser keeps nothing (some private windows): until the page is closed. */
const memory = new Map();
/** Chats that were deleted here: an answer that ends later must not bring one back. */
const gone = new Set();

/** Opens the storage; false if the browser has none for this page. */
export async function openStore() {
  try {
    database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open("swiftlet", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore(CHATS, { keyPath: "id" });
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    return true;
  } catch {
    return false;
  }
}

function run(mode, body) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(CHATS, mode);
    const request = body(transaction.objectStore(CHATS));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** All conversations, those of today first. */
export async function allChats() {
  const chats = database ? await run("readonly", (store) => store.getAll()) : [...memory.values()];
  return chats.sort((one, other) => other.updated - one.updated);
}

export async function saveChat(chat) {
  if (gone.has(chat.id)) return;
  if (database) await run("readwrite", (store) => store.put(chat));
  else memory.set(chat.id, chat);
  channel?.postMessage(chat.id);
}

export async function deleteChat(id) {
  gone.add(id);
  if (database) await run("readwrite", (store) => store.delete(id));
  else memory.delete(id);
  channel?.postMessage(id);
}

/** Calls `body` with a chat's name when another tab has changed it. */
export function onChangeElsewhere(body) {
  channel?.addEventListener("message", (event) => body(event.data));
}

/** A small choice of the person, `fallback` if none was made. */
export function choice(name, fallback) {
  try { return JSON.parse(localStorage.getItem(`swiftlet.${name}`)) ?? fallback; } catch { return fallback; }
}

export function keepChoice(name, value) {
  try { localStorage.setItem(`swiftlet.${name}`, JSON.stringify(value)); } catch { /* Then it lasts as long as the page. */ }
}
