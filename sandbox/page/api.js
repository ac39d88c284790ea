// The way to the server: actions by POST, changes by Server-Sent Events.

/** Calls the control interface. Throws an Error with the server's reason. */
export async function send(verb, path, body) {
  const answer = await fetch(`/sandbox/${path}`, {
    method: verb,
    headers: body === undefined ? {} : { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const result = await answer.json();
  if (!answer.ok) throw new Error(result.error ?? answer.statusText);
  return result;
}

export const act = (phoneId, action, body = {}) => send("POST", `phones/${phoneId}/${action}`, body);

/** Reads a file into the fields the control interface takes. */
export async function fileFields(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return { data_base64: btoa(binary), file_name: file.name, mime_type: file.type };
}

const RETRY_MS = 1000;

/**
 * Follows the sandbox for as long as the page is open, through restarts of the server.
 *
 * `onView(view, isNew)` gets what changed; `isNew` says that all seen before is void.
 * `onState("live" | "waiting")` tells whether the line is up.
 */
export function follow(onView, onState) {
  let epoch = "";
  let change = 0;

  function connect() {
    const source = new EventSource(`/sandbox/events?after=${change}&epoch=${epoch}`);
    source.onopen = () => onState("live");
    source.onmessage = (event) => {
      const view = JSON.parse(event.data);
      const isNew = view.epoch !== epoch;
      epoch = view.epoch;
      change = view.change;
      onView(view, isNew);
    };
    source.onerror = () => {
      source.close();
      onState("waiting");
      setTimeout(connect, RETRY_MS);
    };
  }

  connect();
}
