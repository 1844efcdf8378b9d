/**
 * What an apply leaves out: what is in the tree of a draft under a name of an editor's, and goes with the draft.
 *
 * @module
 */
import { OmnifsError } from "../base/errors.ts";
import type { Draft } from "./draft.ts";
import { sameBytes, type Staged, type StagedCreate } from "./staged.ts";

/** The paths below the mount of what is left out; one of a directory ends in a slash, and stands for all that is in it. */
export function leftOut(draft: Draft): string[] {
  const { overlay } = draft;
  return scratchOf(draft).filter(({ folder }) => !folder.made || overlay.made(folder.id)?.scratch === false)
    .map(({ path, directory }) => directory ? `${path}/` : path);
}

/**
 * Sees that no file goes whose bytes are in no other place than one that is left out: somebody moved it there.
 *
 * @throws {OmnifsError} `invalid`
 */
export function checkNothingLost({ overlay, name, mount }: Draft): void {
  const all = overlay.all();
  const kept = all.flatMap((staged) => isKept(staged) ? [staged.content] : []);
  const scratch = scratchOf({ overlay }).filter(({ directory }) => !directory);
  for (const staged of all) {
    const { base = NOTHING } = staged.kind === "remove" ? staged : {};
    if (staged.kind !== "remove" || base.length === 0) continue;
    const held = scratch.find(({ content }) => sameBytes(content, base));
    if (held === undefined || kept.some((content) => sameBytes(content, base))) continue;
    const path = `/${mount}${staged.live.path}`;
    throw new OmnifsError(
      "invalid",
      `${path} is to go, and its bytes are only in ${held.name}, which is left out`,
      {
        path,
        mend: `mv _drafts/${name}/${mount}${held.path} to a name that is no editor's, or rm it`,
      },
    );
  }
}

const NOTHING = new Uint8Array();

function isKept(staged: Staged): staged is Staged & { readonly kind: "write" | "create" } {
  return staged.kind === "write" || staged.kind === "create" && !staged.scratch;
}

/** What is in the tree of a draft and no part of it. */
export function scratchOf({ overlay }: Pick<Draft, "overlay">): StagedCreate[] {
  return overlay.all().flatMap((staged) => staged.kind === "create" && staged.scratch ? [staged] : []);
}
