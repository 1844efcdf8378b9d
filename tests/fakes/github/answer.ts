/**
 * Answers as GitHub gives them: JSON, pages with a `Link` header, entity tags.
 *
 * @module
 */

/** `body` as GitHub sends it. Dates lose their milliseconds, which GitHub does not have. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(seconds(JSON.stringify(body)), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });
}

/** `text` with every date cut to whole seconds. */
export function seconds(text: string): string {
  return text.replace(/"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{3}Z"/g, '"$1Z"');
}

/** An error with GitHub's words. */
export function failure(status: number, message: string): Response {
  return json({ message, documentation_url: "https://docs.github.com/rest", status: String(status) }, status);
}

/** The page that `url` asks for, with links built on `base` (an absolute URL without a query). */
export function paged(
  items: readonly unknown[],
  url: URL,
  base: string,
  wrap: (items: readonly unknown[], total: number) => unknown = (page) => page,
): Response {
  const size = Math.min(100, Math.max(1, Number(url.searchParams.get("per_page") ?? 30) || 30));
  const page = Math.max(1, Number(url.searchParams.get("page") ?? 1) || 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const link = links(url, base, page, last);
  const shown = items.slice((page - 1) * size, page * size);
  return json(wrap(shown, items.length), 200, link === "" ? {} : { link });
}

function links(url: URL, base: string, page: number, last: number): string {
  const to = (target: number, rel: string) => {
    const query = new URLSearchParams(url.searchParams);
    query.set("page", String(target));
    return `<${base}?${query}>; rel="${rel}"`;
  };
  const forward = page < last ? [to(page + 1, "next"), to(last, "last")] : [];
  const back = page > 1 ? [to(page - 1, "prev"), to(1, "first")] : [];
  return [...back, ...forward].join(", ");
}

/** `response` with an entity tag of its body, or 304 where `request` already holds that. */
export async function tagged(request: Request, response: Response): Promise<Response> {
  if (response.status !== 200 || !["GET", "HEAD"].includes(request.method)) return response;
  const bytes = new Uint8Array(await response.arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const tag = `W/"${digest.toHex()}"`;
  const headers = new Headers(response.headers);
  headers.set("etag", tag);
  headers.set("cache-control", "private, max-age=60, s-maxage=60");
  headers.delete("content-length");
  if (request.headers.get("if-none-match") !== tag) return new Response(bytes, { status: 200, headers });
  headers.delete("content-type");
  return new Response(null, { status: 304, headers });
}
