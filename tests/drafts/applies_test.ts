/**
 * Whoever asks for an apply hears of each step, and may call it off: then what stands is taken back.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { Draft, NextStep } from "../../runtime/drafts/mod.ts";
import { type Desk, onDesk } from "./desk.ts";

const BEFORE = { state: "open", title: "old" };

/** A draft of three steps. */
async function threeSteps(desk: Desk, name = "d"): Promise<Draft> {
  const draft = await desk.drafts.create(name);
  await desk.write(draft, "/new/comment", "said");
  await desk.write(draft, "/state", "closed");
  await desk.write(draft, "/title", "new");
  return draft;
}

const fields = ({ upstream }: Desk) => Object.fromEntries(upstream.fields);
const lineOf = ({ what, step, number, of }: NextStep) => `${what} ${number}/${of} ${step}`;

Deno.test(
  "each step is told before it is sent, and so is each that is taken back",
  onDesk(async (desk) => {
    const draft = await threeSteps(desk);
    desk.upstream.failing.set("title", new OmnifsError("invalid", "422"));
    const told: string[] = [];
    await desk.drafts.apply(draft, "apply", {
      by: "me",
      told: (step) => told.push(`${lineOf(step)}, after ${desk.upstream.log.length}`),
    });
    const steps = ["perform 1/3 set comment", "perform 2/3 set state", "perform 3/3 set title"];
    steps.push("undo 2/3 set state", "undo 1/3 set comment");
    // The third one was refused, and is no change.
    assert.deepEqual(told, steps.map((step, at) => `${step}, after ${at < 3 ? at : at - 1}`));
    const events = desk.events.filter(({ type }) => type === "draft.step");
    assert.deepEqual(events.map(({ data }) => "of" in data && lineOf(data as NextStep)), steps);
  }),
);

for (const at of [1, 2, 3]) {
  Deno.test(
    `called off during step ${at} of 3, that one ends, no other begins, and what stands is taken back`,
    onDesk(
      async (desk) => {
        const draft = await threeSteps(desk);
        const outcome = await desk.drafts.apply(draft, "apply", {
          by: "me",
          told: ({ what, number }) => {
            if (what === "perform" && number === at) desk.drafts.interrupt(draft, "me");
          },
        });
        if (at === 3) {
          assert.equal(outcome.outcome, "applied", "it was too late");
          return assert.deepEqual(fields(desk), { state: "closed", title: "new", comment: "said" });
        }
        assert(outcome.outcome === "undone", outcome.outcome);
        assert.equal(outcome.reason, "it was interrupted");
        assert.equal(outcome.undone.length, at);
        assert.equal(desk.upstream.log.length, 2 * at);
        assert.deepEqual(fields(desk), BEFORE);
        assert.equal(draft.state, "open");
        assert.equal((await desk.drafts.apply(draft, "apply", { by: "me" })).outcome, "applied");
      },
    ),
  );
}

Deno.test(
  "called off where a step is stuck, the draft is partial and says what stands",
  onDesk(async (desk) => {
    const draft = await threeSteps(desk);
    desk.upstream.stuck.add("comment");
    const outcome = await desk.drafts.apply(draft, "apply", {
      by: "me",
      told: ({ number }) => number === 2 && desk.drafts.interrupt(draft, "me"),
    });
    assert(outcome.outcome === "partial", outcome.outcome);
    assert.deepEqual(outcome.stands.map(({ summary }) => summary), ["set comment"]);
    assert.match(outcome.reason, /^it was interrupted; set comment could not be taken back/);
    assert.deepEqual(fields(desk), { ...BEFORE, comment: "said" });
  }),
);

Deno.test(
  "what was staged after somebody looked is not applied on their word, and nothing is",
  onDesk(async (desk) => {
    const draft = await threeSteps(desk);
    const { revision } = draft;
    const apply = (mode: "plan" | "apply") => desk.drafts.apply(draft, mode, { by: "me", revision });
    assert.equal((await apply("plan")).outcome, "planned");
    assert.equal(draft.revision, revision);
    await desk.write(draft, "/new/other", "said");
    for (const mode of ["plan", "apply"] as const) {
      await assert.rejects(apply(mode), { kind: "conflict", mend: /draft diff d/ });
    }
    assert.deepEqual([fields(desk), draft.state], [BEFORE, "open"]);
  }),
);

Deno.test(
  "what is on its way into the journal, and another draft of that name, are not what somebody looked at",
  onDesk(async (desk) => {
    const draft = await threeSteps(desk);
    const { revision, name } = draft;
    const [staged] = draft.overlay.all();
    assert(staged);
    const apply = () => desk.drafts.apply(desk.drafts.get(name), "apply", { by: "me", revision });
    const late = draft.replace(staged.key, new TextEncoder().encode("unseen"));
    await assert.rejects(apply(), { kind: "conflict" });
    await late;
    assert.deepEqual([fields(desk), draft.state], [BEFORE, "open"]);
    await desk.drafts.discard(draft);
    const records = (revision: string) => revision.split(".").at(-1);
    const again = await threeSteps(desk);
    assert.equal(records(again.revision), records(revision));
    await assert.rejects(apply(), { kind: "conflict" });
  }),
);

Deno.test(
  "called off before its turn came, it never begins",
  onDesk(async (desk) => {
    const [first, second] = [await threeSteps(desk), await desk.drafts.create("e")];
    await desk.write(second, "/new/other", "said");
    let waiting: Promise<unknown> | undefined;
    const outcome = await desk.drafts.apply(first, "apply", {
      by: "me",
      told: ({ number }) => {
        if (number !== 1) return;
        waiting = assert.rejects(desk.drafts.apply(second, "apply", { by: "you" }), { kind: "interrupted" });
        desk.drafts.interrupt(second, "you");
      },
    });
    assert.equal(outcome.outcome, "applied", "the one before it is nobody else's to call off");
    await waiting;
    assert.equal(second.state, "open");
    assert.equal(desk.upstream.fields.has("other"), false);
    desk.drafts.interrupt(second, "you");
    assert.equal((await desk.drafts.apply(second, "apply", { by: "you" })).outcome, "applied");
  }),
);

Deno.test(
  "a rollback that is called off goes on to its end",
  onDesk(async (desk) => {
    const draft = await threeSteps(desk);
    desk.upstream.failing.set("title", new OmnifsError("invalid", "422"));
    desk.upstream.stuck.add("state").add("comment");
    assert.equal((await desk.drafts.apply(draft, "apply", { by: "me" })).outcome, "partial");
    desk.upstream.stuck.clear();
    const told = () => desk.drafts.interrupt(draft, "me");
    const outcome = await desk.drafts.apply(draft, "rollback", { by: "me", told });
    assert(outcome.outcome === "undone");
    assert.equal(outcome.undone.length, 2);
    assert.deepEqual(fields(desk), BEFORE);
  }),
);
