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

/** The target of the link with `rel` in a `Link` header (RFC 8288), such as `next`. */
export function linkTarget(header: string | undefined, rel: string): string | undefined {
  for (
    const match of (header ?? "").matchAll(
      /<([^>]*)>((?:\s*;\s*[^\s;,="]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]+))?)*)/g,
    )
  ) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(match[2] ?? "");
    const names = (relation?.[1] ?? relation?.[2] ?? "").split(/\s+/);
    if (names.includes(rel)) return match[1];
  }
  return undefined;
}
