/**
 * The files of the page: read beside this module, or from the package that draws the charts, so that a compiled
 * executable that includes them serves them as well.
 *
 * @module
 */
import { messageOf, OmnifsError } from "../../base/errors.ts";

/** One file. */
export interface Asset {
  /** Where it is. */
  readonly url: URL;
  /** Its media type. */
  readonly type: string;
}

const [HTML, CSS, SCRIPT, SVG] = ["text/html", "text/css", "text/javascript", "image/svg+xml"].map((type) =>
  `${type}; charset=utf-8`
) as [string, string, string, string];

/** In an executable no name may be that of a module, or `deno compile` would take it for one of the program. */
const inFolder = (name: string): URL =>
  new URL(
    `./page/${Deno.build.standalone ? name.replace(/\.js$/, "$&.bin") : name}`,
    import.meta.url,
  );

const own = (name: string, type: string): Asset => ({ url: inFolder(name), type });

/** A file of uPlot 1.6 (https://github.com/leeoniya/uPlot): in its package, or with the page's own in an executable. */
const charts = (name: string, type: string): Asset => ({
  url: Deno.build.standalone ? inFolder(name) : new URL(import.meta.resolve(`uplot/dist/${name}`)),
  type,
});

/** Every file, by its path. */
export const ASSETS: Readonly<Record<string, () => Asset>> = {
  "/": () => own("index.html", HTML),
  "/style.css": () => own("style.css", CSS),
  "/drafts.css": () => own("drafts.css", CSS),
  "/icon.svg": () => own("icon.svg", SVG),
  "/app.js": () => own("app.js", SCRIPT),
  "/ask.js": () => own("ask.js", SCRIPT),
  "/charts.js": () => own("charts.js", SCRIPT),
  "/dom.js": () => own("dom.js", SCRIPT),
  "/drafts.js": () => own("drafts.js", SCRIPT),
  "/format.js": () => own("format.js", SCRIPT),
  "/tables.js": () => own("tables.js", SCRIPT),
  "/uplot.css": () => charts("uPlot.min.css", CSS),
  "/uplot.js": () => charts("uPlot.iife.min.js", SCRIPT),
};

/** The file at `path`; undefined where there is none. */
export async function assetAt(
  path: string,
): Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string } | undefined> {
  const find = Object.hasOwn(ASSETS, path) ? ASSETS[path] : undefined;
  if (find === undefined) return undefined;
  const { url, type } = find();
  try {
    return { bytes: await Deno.readFile(url), type };
  } catch (error) {
    throw new OmnifsError("internal", `a file of the page is missing: ${messageOf(error)}`, { cause: error });
  }
}
