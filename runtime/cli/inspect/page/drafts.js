/**
 * Drafts: what each would change, and the buttons that apply and discard it.
 *
 * @module
 */
import { ask } from "./ask.js";
import { byId, fill, h } from "./dom.js";
import { clock, count, visible } from "./format.js";

/** Most lines of one file's diff that are shown. */
const LINES = 2_000;

let applies = [];
let known = "";
let busy = new Set();
let listed = [];

/** The latest step of each draft that is worked on. */
const steps = new Map();

/** Takes what may be applied; `happened` are the events since the last call. */
export function hear(document) {
  for (const { type, data } of document.events) {
    if (type === "draft.step") steps.set(data.draft, `${data.what}: ${data.step}`);
    if (type === "draft.applying" || type === "draft.ended") steps.delete(data.draft);
  }
  const changed = document.applies.join() !== applies.join();
  applies = document.applies;
  if (changed || document.seconds === 0 || document.events.some(({ type }) => type.startsWith("draft."))) {
    refresh();
  }
}

let refreshing;
let again = false;

/** Asks for the drafts and their diffs; while that is under way, once more at its end. */
function refresh() {
  again = true;
  refreshing ??= load().finally(() => refreshing = undefined);
}

async function load() {
  while (again) {
    again = false;
    try {
      const drafts = await ask("GET", "/api/drafts");
      listed = await Promise.all(drafts.map(async (draft) => ({ draft, diffs: await diffsOf(draft) })));
      draw();
    } catch (error) {
      fill(byId("draft-list"), h("p", { class: "empty" }, visible(error.message)));
      known = "";
    }
  }
}

async function diffsOf({ name }) {
  try {
    return await ask("GET", "/api/draft/diff", { name });
  } catch (error) {
    return error;
  }
}

/** Shows the drafts where they differ from what is shown: whoever reads is not moved. */
function draw() {
  const now = JSON.stringify([listed, applies, [...busy], [...steps]]);
  if (now === known) return;
  known = now;
  const focus = document.activeElement?.id;
  fill(
    byId("draft-list"),
    ...(listed.length === 0
      ? [
        h(
          "p",
          { class: "empty" },
          "There is no draft: omnifs draft new NAME, or write into _drafts/NAME of the mount.",
        ),
      ]
      : listed.map(article)),
  );
  if (focus) byId(focus)?.focus();
}

function article({ draft, diffs }) {
  const { name, mount, state, changes } = draft;
  const what = mount === null ? "empty" : `${count(changes.length, "change")} of /${mount}`;
  return h(
    "article",
    { class: "draft", "aria-label": `draft ${name}` },
    h("h3", {}, visible(name)),
    h("p", { class: "soft" }, `${what}, ${state}, last touched at ${clock(draft.touched)}`),
    ...attempt(draft),
    buttons(draft),
    ...(diffs instanceof Error
      ? [h("p", { class: "state failed" }, visible(diffs.message))]
      : diffs.map(file)),
  );
}

function attempt({ name, attempt }) {
  if (attempt === null || attempt.reason === null) return [];
  const steps = attempt.steps.map(({ summary, standing }) => h("li", {}, `${visible(summary)}: ${standing}`));
  return [
    h("p", { class: "state failed" }, `An apply stopped: ${visible(attempt.reason)}`),
    h("ul", { class: "plain" }, steps),
    h("p", {}, `omnifs draft apply --resume ${name}, or --rollback, goes on with it.`),
  ];
}

/** Why a draft cannot be applied; undefined where it can. */
function hindrance({ name, mount, state }) {
  if (busy.has(name) || state === "applying") {
    return `It is being worked on. ${visible(steps.get(name) ?? "")}`;
  }
  if (mount === null) return "Nothing is staged in it.";
  if (!applies.includes(mount)) {
    return `Not granted: mount with --allow-apply=${[...applies, mount].join(",")} to apply it.`;
  }
  return undefined;
}

function buttons(draft) {
  const why = hindrance(draft);
  const { name } = draft;
  const note = `note-${name}`;
  const apply = h("button", {
    type: "button",
    id: `apply-${name}`,
    class: "main",
    onclick: () => why === undefined && offer(draft),
    ...(why === undefined ? {} : { "aria-disabled": "true", "aria-describedby": note, title: why }),
  }, "Apply …");
  const discard = h("button", {
    type: "button",
    id: `discard-${name}`,
    onclick: () => busy.has(name) || discardIt(draft),
    ...(busy.has(name) ? { "aria-disabled": "true" } : {}),
  }, "Discard …");
  return h(
    "div",
    { class: "buttons" },
    apply,
    discard,
    ...(why === undefined ? [] : [h("p", { id: note, class: "soft" }, why)]),
  );
}

const LOOKS = [["+++ ", "meta"], ["--- ", "meta"], ["diff ", "meta"], ["@@", "hunk"], ["+", "added"], [
  "-",
  "removed",
]];

function file({ path, change, diff, added, removed }) {
  const lines = diff.replace(/\n$/, "").split("\n");
  // What git apply wants to know is said by the summary already.
  const from = Math.max(0, lines.findIndex((line) => line.startsWith("@@")));
  const shown = lines.slice(from, from + LINES).map((line) => {
    const look = LOOKS.find(([prefix]) => line.startsWith(prefix))?.[1] ?? "";
    return h("span", { class: `line ${look}` }, visible(line) + "\n");
  });
  const left = lines.length - from - LINES;
  return h(
    "details",
    { open: true },
    h(
      "summary",
      {},
      h("code", {}, `/${visible(path)}`),
      ` ${change} `,
      h("span", { class: "state ready" }, `+${added}`),
      " ",
      h("span", { class: "state failed" }, `−${removed}`),
    ),
    h("pre", { tabindex: "0", role: "region", "aria-label": `diff of ${path}` }, shown),
    ...(left > 0 ? [h("p", { class: "soft" }, `${count(left, "more line")}: omnifs draft diff`)] : []),
  );
}

/** The question that is asked, and those that wait for their turn. */
let asked = Promise.resolve();

/** Asks, in the page's dialog, once it is free; true for a yes. */
function confirmed(...question) {
  return asked = asked.catch(() => {}).then(() => show(...question));
}

function show(title, body, yes) {
  const dialog = byId("question");
  byId("question-head").textContent = title;
  fill(byId("question-body"), ...body);
  byId("question-yes").textContent = yes;
  return new Promise((resolve) => {
    const answer = (is) => {
      resolve(is);
      dialog.close();
    };
    byId("question-yes").onclick = () => answer(true);
    byId("question-no").onclick = () => answer(false);
    // Escape. The event comes late: where the next question is open by then, it is none of that one's.
    dialog.onclose = () => dialog.open || resolve(false);
    dialog.showModal();
  });
}

/** Shows the steps, and applies them where that is wanted. */
async function offer(draft) {
  const { name, mount, revision } = draft;
  await working(name, async () => {
    const plan = await ask("POST", "/api/draft/apply", { name, mode: "plan", revision });
    if (plan.outcome !== "planned") return tell(name, plan);
    const title = `Send ${count(plan.steps.length, "step")} to ${mount}?`;
    if (!await confirmed(title, sentOf(plan), "Apply")) return;
    tell(name, await ask("POST", "/api/draft/apply", { name, mode: "apply", revision }));
  });
}

async function discardIt({ name, changes }) {
  const body = h("p", {}, `${count(changes.length, "change")} will be gone; nothing is sent.`);
  if (!await confirmed(`Discard ${visible(name)}?`, [body], "Discard")) return;
  await working(name, async () => {
    await ask("POST", "/api/draft/discard", { name });
    outcome("good", `${name}: discarded; nothing was sent`);
  });
}

/** Does `work` on a draft, whose buttons rest meanwhile. */
async function working(name, work) {
  busy = new Set([...busy, name]);
  draw();
  try {
    await work();
  } catch (error) {
    outcome(
      "bad",
      `${name}: ${error.message}`,
      error.mend === undefined ? [] : [h("p", {}, `try: ${error.mend}`)],
    );
  } finally {
    busy = new Set([...busy].filter((other) => other !== name));
    draw();
    refresh();
  }
}

function stepsOf(steps) {
  return h(
    "ol",
    {},
    steps.map(({ summary, reversible }) =>
      h("li", {}, `${visible(summary)}${reversible ? "" : " (cannot be taken back)"}`)
    ),
  );
}

/** The steps, and what is no part of them. */
const sentOf = ({ steps, leftOut }) => [
  stepsOf(steps),
  ...leftOut.map((path) => h("p", {}, `Left out, by its name an editor's: ${visible(path)}`)),
];

const refusalsOf = (refusals) =>
  h("ul", {}, refusals.map(({ path, message }) => h("li", {}, `${visible(path)}: ${visible(message)}`)));

/** What an apply came to, by its outcome. */
const OUTCOMES = {
  planned: (plan) => ["good", "planned", ...sentOf(plan)],
  applied: (sent) => ["good", `applied, ${count(sent.steps.length, "step")}`, ...sentOf(sent)],
  conflict: ({ refusals }) => [
    "bad",
    "conflict: nothing was sent",
    refusalsOf(refusals),
    h("p", {}, "Look, then take what the upstream holds now as its base: omnifs draft rebase"),
  ],
  refused: ({ refusals }) => ["bad", "refused: nothing was sent", refusalsOf(refusals)],
  undone: ({ reason, undone }) => [
    "bad",
    `not applied: ${reason}`,
    h("p", {}, `${count(undone.length, "step")} taken back; upstream is as before, and the draft is kept.`),
    stepsOf(undone),
  ],
  partial: ({ reason, stands, uncertain }) => [
    "bad",
    `partial: ${reason}`,
    h("p", {}, "These stand upstream:"),
    stepsOf(stands),
    h("p", {}, "Of these nobody knows:"),
    stepsOf(uncertain),
  ],
};

function tell(name, document) {
  const [look, text, ...more] = OUTCOMES[document.outcome](document);
  outcome(look, `${name}: ${text}`, more);
}

/** Says what became of something, until it is put away. */
function outcome(look, text, more = []) {
  const box = h(
    "div",
    { class: `outcome ${look}` },
    h(
      "button",
      { type: "button", class: "away", "aria-label": "put away", onclick: () => box.remove() },
      "×",
    ),
    h("p", {}, visible(text)),
    ...more,
  );
  byId("outcomes").prepend(box);
}
