/** The server's models, as the whole page knows them. */
import { json } from "./api.js";

let models = [];
const details = new Map();
const listeners = [];

export const allModels = () => models;
export function onModels(body) { listeners.push(body); }

/** Asks the server anew. */
export async function refreshModels() {
  models = (await json("api/tags")).models.sort((one, other) => one.name.localeCompare(other.name));
  for (const body of listeners) body(models);
  return models;
}

/** What /api/show says, asked once for each file of a model. */
export function showModel(model) {
  const name = `${model.name}@${model.digest}`;
  if (!details.has(name)) {
    const answer = json("api/show", { method: "POST", body: { model: model.name } });
    answer.catch(() => details.delete(name));
    details.set(name, answer);
  }
  return details.get(name);
}

/** Whether a model can hold a conversation; embedders cannot. */
export async function canChat(model) {
  try {
    return (await showModel(model)).capabilities?.includes("completion") ?? true;
  } catch {
    return true;
  }
}
