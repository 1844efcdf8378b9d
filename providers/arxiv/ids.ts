/**
 * arXiv's identifiers, and the identities of the tree that are made of them.
 *
 * Identities are `paper/{id}`, `versions/{id}`, `version/{id}/{n}`, `version/{id}/{n}/{leaf}`, `category/{name}`,
 * `recent/{name}` and `search/{query}`, each part percent-encoded, since an old id holds a slash.
 *
 * @module
 */

/** A paper's identifier, and a version of it. */
export interface Versioned {
  /** `2201.13452`, or `hep-ex/0307015` from before April 2007. */
  readonly id: string;
  /** 1 for the first. */
  readonly version: number;
}

/** https://info.arxiv.org/help/arxiv_identifier.html: four digits, a dot, four or five digits. */
const NEW = /^\d{4}\.\d{4,5}$/;

/** An archive, sometimes with a subject class, a slash, and seven digits. */
const OLD = /^[a-z]+(?:-[a-z]+)?(?:\.[A-Z]{2})?\/\d{7}$/;

/** True for what can be a paper's identifier, without a version. */
export function isPaperId(text: string): boolean {
  return NEW.test(text) || OLD.test(text);
}

/** The identifier at the end of an `abs` address such as `http://arxiv.org/abs/hep-ex/0307015v1`. */
export function versionedOf(url: string): Versioned | undefined {
  const [, id = "", version = ""] = /\/abs\/(.+)v([1-9]\d{0,3})$/.exec(url) ?? [];
  return isPaperId(id) ? { id, version: Number(version) } : undefined;
}

/** The identifier as arXiv writes it with its version. */
export function versionText({ id, version }: Versioned): string {
  return `${id}v${version}`;
}

/** The number in a directory's name such as `v2`. */
export function versionNumber(name: string): number | undefined {
  const digits = /^v([1-9]\d{0,3})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** Kinds of identities, and how many parts follow each. */
const KINDS = {
  papers: [0],
  categories: [0],
  searches: [0],
  paper: [1],
  versions: [1],
  version: [2, 3],
  category: [1],
  recent: [1],
  search: [1],
} as const;

/** The first part of an identity. */
export type Kind = keyof typeof KINDS;

/** The identity of this kind with these parts. */
export function mint(kind: Kind, ...parts: readonly (string | number)[]): string {
  return [kind, ...parts.map((part) => encodeURIComponent(String(part)))].join("/");
}

/** An identity taken apart; undefined for a text that this provider never mints. */
export function parse(id: string): { readonly kind: Kind; readonly parts: readonly string[] } | undefined {
  const [kind = "", ...rest] = id.split("/");
  if (!isKind(kind)) return undefined;
  const counts: readonly number[] = KINDS[kind];
  if (!counts.includes(rest.length) || rest.includes("")) return undefined;
  try {
    const parts = rest.map(decodeURIComponent);
    return mint(kind, ...parts) === id ? { kind, parts } : undefined;
  } catch {
    return undefined;
  }
}

function isKind(text: string): text is Kind {
  return Object.hasOwn(KINDS, text);
}
