/**
 * What a provider needs of URLs; there is no `URL` in QuickJS.
 *
 * @module
 */

/** A template tag that percent-encodes each value as one segment: ``at`/repos/${owner}/${name}` ``. */
export function at(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return parts.reduce((url, part, i) => url + encodeURIComponent(String(values[i - 1] ?? "")) + part);
}

/** `url` with `parameters` in its query; undefined ones are left out. */
export function withQuery(
  url: string,
  parameters: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  if (pairs.length === 0) return url;
  return `${url}${url.includes("?") ? "&" : "?"}${pairs.join("&")}`;
}

/** One link: its target, and all of its parameters. */
const LINK = /<([^>]*)>((?:\s*;\s*[^\s;,="]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]+))?)*)/g;

/** One parameter of a link: its name, and its value with or without quotes. */
const PARAMETER = /;\s*([^\s;,="]+)(?:\s*=\s*(?:"([^"]*)"|([^\s;,"]+)))?/g;

/** The target of the link with `rel` in a `Link` header (RFC 8288), such as `next`. */
export function linkTarget(header: string | undefined, rel: string): string | undefined {
  for (const [, target, parameters = ""] of (header ?? "").matchAll(LINK)) {
    // The first `rel` counts, whatever comes after it (section 3.3).
    const relation = [...parameters.matchAll(PARAMETER)].find(([, name]) => name?.toLowerCase() === "rel");
    if ((relation?.[2] ?? relation?.[3] ?? "").split(/\s+/).includes(rel)) return target;
  }
  return undefined;
}
