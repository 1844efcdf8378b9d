/**
 * Asks the command that serves this page. The token came in the fragment of the address; it is taken out of the
 * address bar, kept for this tab, and sent as a header.
 *
 * @module
 */

const KEPT = "omnifs-token";

/** Milliseconds until a connection that broke is tried again. */
const AGAIN = 2_000;

/** What was answered instead of a document. */
export class Refusal extends Error {
  constructor({ message, kind, mend }) {
    super(message);
    this.kind = kind;
    this.mend = mend;
  }
}

function takeToken() {
  const given = /^#token=([\w-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return sessionStorage.getItem(KEPT) ?? "";
  sessionStorage.setItem(KEPT, given);
  history.replaceState(null, "", location.pathname);
  return given;
}

let token = takeToken();
// The address of another run, opened in the same tab: only the fragment changes.
addEventListener("hashchange", () => {
  token = takeToken();
});

async function send(method, path, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const response = await fetch(query === "" ? path : `${path}?${query}`, {
    method,
    headers: { "x-omnifs-token": token },
    cache: "no-store",
  });
  if (response.ok) return response;
  const { error } = await response.json();
  throw new Refusal(error);
}

/** One document. @throws {Refusal} */
export async function ask(method, path, parameters) {
  return await (await send(method, path, parameters)).json();
}

/**
 * Every document of the stream, for as long as the page is open: a connection that breaks is made anew. `hear` gets
 * the documents, `begin` is called before the first of each connection, `fail` with why there is none.
 */
export async function follow({ begin, hear, fail }) {
  for (;;) {
    try {
      const response = await send("GET", "/api/inspect");
      begin();
      for await (const line of linesOf(response.body)) {
        const document = JSON.parse(line);
        if (document.error !== undefined) throw new Refusal(document.error);
        if (document.end === undefined) hear(document);
      }
      throw new Error("the omnifs that was shown has ended");
    } catch (error) {
      fail(error);
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
}

async function* linesOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}
