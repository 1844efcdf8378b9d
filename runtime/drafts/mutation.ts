/**
 * What is staged, as the provider is told of it.
 *
 * @module
 */
import type { Mutation } from "../provider/mod.ts";
import type { Overlay } from "./overlay.ts";
import { type Folder, sameBytes, type Staged } from "./staged.ts";

/** The change that `staged` is; undefined where it changes nothing: the file is as it was, or it is scratch. */
export function mutationOf(staged: Staged, overlay: Overlay): Mutation | undefined {
  switch (staged.kind) {
    case "write": {
      const { live, base, content } = staged;
      if (sameBytes(base, content)) return undefined;
      return { tag: "write", file: live.id, baseVersion: live.version, base, content };
    }
    case "remove": {
      const { parent, name, id, version } = staged.live;
      return { tag: "remove", parent, name, node: id, baseVersion: version };
    }
    case "create": {
      if (staged.scratch || staged.directory) return undefined;
      const place = placeOf(staged.folder, staged.name, overlay);
      return place && { tag: "create", ...place, content: staged.content };
    }
  }
}

/** The live directory above, and the path from there; undefined below something that is scratch. */
function placeOf(
  folder: Folder,
  name: string,
  overlay: Overlay,
): { parent: string; name: string } | undefined {
  if (!folder.made) return { parent: folder.id, name };
  const above = overlay.made(folder.id);
  if (above === undefined || above.scratch) return undefined;
  return placeOf(above.folder, `${above.name}/${name}`, overlay);
}
