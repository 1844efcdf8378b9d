/**
 * Files as the build sees them: what a component is made of, and a digest of it.
 *
 * @module
 */

/**
 * Every source file below `folder` (TypeScript, JSON, WIT, `guide.md`) but those in its folder `without`, name and content
 * alternating, in the order of names.
 */
export async function sourcesOf(folder: string, without?: string): Promise<(string | Uint8Array)[]> {
  const parts: (string | Uint8Array)[] = [];
  for (const name of await namesBelow(folder)) {
    if (without !== undefined && name.startsWith(`${without}/`)) continue;
    parts.push(name, await Deno.readFile(`${folder}/${name}`));
  }
  return parts;
}

async function namesBelow(folder: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    if (isDirectory) names.push(...await namesBelow(folder, `${prefix}${name}/`));
    else if (/\.(ts|json|wit)$|^guide\.md$/.test(name)) names.push(prefix + name);
  }
  return names.sort();
}

/** SHA-256 of `parts`, each behind its length, in hexadecimal. */
export async function sha256(parts: readonly (string | Uint8Array)[]): Promise<string> {
  const encoder = new TextEncoder();
  const pieces = parts.flatMap((part) => {
    const bytes = typeof part === "string" ? encoder.encode(part) : part;
    return [encoder.encode(`${bytes.length}:`), bytes];
  });
  const whole = new Uint8Array(await new Blob(pieces.map((piece) => new Uint8Array(piece))).arrayBuffer());
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The path of a `file:` URL. */
export function fromFileUrl(url: URL): string {
  return decodeURIComponent(url.pathname);
}
