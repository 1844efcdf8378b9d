/**
 * The page of `omnifs inspect --web`: one document a second, shown as charts, tables and drafts.
 *
 * @module
 */
import { follow } from "./ask.js";
import { openCharts } from "./charts.js";
import { byId } from "./dom.js";
import { visible } from "./format.js";
import * as drafts from "./drafts.js";
import * as tables from "./tables.js";

const chart = openCharts();
let paused = false;

function hear(document) {
  // Drafts are worked on, not watched: they are never held back.
  drafts.hear(document);
  if (paused) return;
  const { where, line } = tables.titleOf(document);
  byId("where").textContent = visible(where);
  tell(line, true);
  if (document.seconds > 0) chart(document);
  tables.show(document);
}

function tell(text, good) {
  const state = byId("state");
  if (state.textContent !== text) state.textContent = text;
  document.documentElement.classList.toggle("broken", !good);
}

function fail(error) {
  const mend = error.kind === "denied"
    ? "Open the address that omnifs inspect --web printed."
    : "Trying again … (Where the command has ended: omnifs inspect --web)";
  tell(`${visible(error.message)}. ${mend}`, false);
}

byId("pause").addEventListener("click", () => {
  paused = !paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? "Go on" : "Pause";
});
byId("filter").addEventListener("input", ({ target }) => tables.narrow(target.value));
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.matches("input, textarea") || byId("question").open) return;
  event.preventDefault();
  byId("filter").focus();
});

follow({ begin: () => tell("connected", true), hear, fail });
