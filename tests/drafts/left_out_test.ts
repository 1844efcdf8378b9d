/**
 * Names of editors' in a draft: what has only got one is part of it, what is a backup is left out and told, and nothing
 * goes whose bytes would be nowhere.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Draft } from "../../runtime/drafts/mod.ts";
import { leftOut } from "../../runtime/drafts/mod.ts";
import { tempDir } from "../support/temp.ts";
import { FakeProjection } from "../vfs/fake_projection.ts";
import { Shadow } from "./shadow.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A draft of a directory that takes files, and of one that does not; each has a file `state`. */
function onBoxes(name: string, test: (scene: Scene) => Promise<void>): void {
  Deno.test(name, async () => {
    const projection = new FakeProjection("m");
    for (const [folder, writable] of [["box", true], ["closed", false]] as const) {
      projection.file(projection.directory("", folder, { writable }), "state", {
        bytes: bytes("open\n"),
        writable: true,
      });
    }
    await using dir = await tempDir();
    await using shadow = await Shadow.open(dir.path, [projection]);
    await test(new Scene(shadow, await shadow.draft()));
  });
}

/** A shell in the draft; paths are those below the mount. */
class Scene {
  readonly shadow: Shadow;
  readonly draft: Draft;

  constructor(shadow: Shadow, draft: Draft) {
    this.shadow = shadow;
    this.draft = draft;
  }

  async mv(from: string, to: string): Promise<string> {
    const [source, target] = [await this.#at(from), await this.#at(to)];
    return await this.shadow.outcome((changes, by) => changes.rename(source, target, 0, by));
  }

  async make(path: string, text: string): Promise<void> {
    const at = await this.#at(path);
    assert.equal(await this.shadow.outcome((changes, by) => changes.create(at, by)), "OK");
    const { nodeid } = await this.shadow.walk(`_drafts/d/m/${path}`);
    assert.equal(await this.shadow.put(nodeid, text), "OK");
  }

  async rm(path: string): Promise<void> {
    const at = await this.#at(path);
    assert.equal(await this.shadow.outcome((changes, by) => changes.unlink(at, by)), "OK");
  }

  /** What an apply would change. */
  changes(): string[] {
    return this.draft.changes.map(({ staged }) =>
      `${staged.kind} ${staged.kind === "create" ? staged.path : staged.live.path}`
    );
  }

  apply() {
    return this.shadow.drafts.apply(this.draft, "plan", { by: "me" });
  }

  async #at(path: string): Promise<{ parent: number; name: string }> {
    const cut = path.lastIndexOf("/");
    return {
      parent: await this.shadow.directory(`_drafts/d/m/${path.slice(0, cut)}`),
      name: path.slice(cut + 1),
    };
  }
}

for (
  const name of [
    "textures",
    "Makefile",
    "state.orig",
    "state.bak",
    "state~",
    "sediment",
    "tmpabcdef",
    ".state.swp",
  ]
) {
  onBoxes(
    `a file that gets the name ${name} where files come and go has only another name`,
    async (scene) => {
      assert.equal(await scene.mv("box/state", `box/${name}`), "OK");
      assert.deepEqual(scene.changes().sort(), [`create /box/${name}`, "remove /box/state"]);
      assert.deepEqual(leftOut(scene.draft), []);
      assert.equal(await scene.mv(`box/${name}`, "box/other.bak"), "OK");
      assert.deepEqual(scene.changes().sort(), ["create /box/other.bak", "remove /box/state"]);
      assert.equal(await scene.mv("box/other.bak", "box/state"), "OK");
      assert.deepEqual(scene.changes(), []);
    },
  );
}

onBoxes("it was a backup once something is under its old name, however that comes there", async (scene) => {
  assert.equal(await scene.mv("box/state", "box/state~"), "OK");
  await scene.make("box/state", "closed\n");
  assert.deepEqual([scene.changes(), leftOut(scene.draft)], [["write /box/state"], ["/box/state~"]]);
  await scene.make("box/sedAbC123", "gone\n");
  assert.equal(await scene.mv("box/state", "box/state.bak"), "OK");
  assert.deepEqual(scene.changes().sort(), ["create /box/state.bak", "remove /box/state"]);
  assert.equal(await scene.mv("box/sedAbC123", "box/state"), "OK");
  assert.deepEqual(scene.changes(), ["write /box/state"]);
  assert.deepEqual(leftOut(scene.draft), ["/box/state.bak", "/box/state~"]);
});

onBoxes("so it is with a file that the draft made", async (scene) => {
  await scene.make("box/plan", "first\n");
  assert.equal(await scene.mv("box/plan", "box/plan.bak"), "OK");
  assert.deepEqual(scene.changes(), ["create /box/plan.bak"]);
  await scene.make("box/plan", "second\n");
  assert.deepEqual([scene.changes(), leftOut(scene.draft)], [["create /box/plan"], ["/box/plan.bak"]]);
});

onBoxes("what can go for good is not moved to where no draft keeps it", async (scene) => {
  assert.equal(await scene.mv("box/state", "closed/textures"), "EPERM");
  assert.equal(await scene.mv("box/state", "closed/state.bak"), "EPERM");
  assert.deepEqual(scene.changes(), []);
});

onBoxes("a file whose bytes are only in what is left out does not go", async (scene) => {
  await scene.make("box/state.bak", "open\n");
  await scene.rm("box/state");
  await assert.rejects(scene.apply(), {
    kind: "invalid",
    message: "/m/box/state is to go, and its bytes are only in state.bak, which is left out",
    mend: "mv _drafts/d/m/box/state.bak to a name that is no editor's, or rm it",
  });
  assert.equal(await scene.mv("box/state.bak", "box/kept"), "OK");
  assert.deepEqual(scene.changes().sort(), ["create /box/kept", "remove /box/state"]);
  // A copy of what the draft keeps.
  await scene.make("box/kept.bak", "open\n");
  await scene.apply();
});

onBoxes(
  "where nothing else comes and goes a backup is left out, and its file does not go without it",
  async (scene) => {
    assert.equal(await scene.mv("closed/state", "closed/textures"), "OK");
    assert.deepEqual([scene.changes(), leftOut(scene.draft)], [["remove /closed/state"], [
      "/closed/textures",
    ]]);
    await assert.rejects(scene.apply(), { kind: "invalid" });
    await scene.make("closed/state", "closed\n");
    assert.deepEqual(scene.changes(), ["write /closed/state"]);
  },
);
