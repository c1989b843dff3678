// What arrived, kept up to date by server-sent events, and the requests that people's hands make.

const listeners = [];
export const state = {
  calls: new Map(), messages: new Map(), mail: new Map(), requests: new Map(),
  contacts: {}, lines: {}, script: {}, number: "", app: "", connected: false,
};

export function onChange(listener) {
  listeners.push(listener);
}

function tell() {
  for (const listener of listeners) listener(state);
}

export function connect() {
  const source = new EventSource("api/changes");
  source.addEventListener("open", () => { state.connected = true; tell(); });
  source.addEventListener("error", () => { state.connected = false; tell(); });
  source.addEventListener("message", (event) => {
    const told = JSON.parse(event.data);
    Object.assign(state, { contacts: told.contacts, lines: told.lines, script: told.script, number: told.number, app: told.app });
    for (const kind of ["calls", "messages", "mail", "requests"]) {
      if (told.whole.includes(kind)) state[kind].clear();
      for (const item of told[kind]) state[kind].set(item.sid, item);
    }
    tell();
  });
}

/** Sends JSON; returns what came back. Throws an Error with the server's sentence. */
export async function send(method, path, body) {
  const response = await fetch(`api/${path}`, {
    method,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.error || `The simulator answered ${response.status}.`);
  return answer;
}

export function nameOf(key) {
  return (state.contacts[key] || state.lines[key])?.name || (key === state.number ? `Muster, ${key}` : key);
}

export function titleOf(key) {
  return state.contacts[key]?.title || "";
}
