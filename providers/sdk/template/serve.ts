/**
 * Serves `sample/` on this machine, to mount the provider before an upstream: `deno run -A serve.ts 8411`.
 *
 * @module
 */
const SAMPLE = new URL("./sample/api.example.com", import.meta.url);
const port = Number(Deno.args[0] ?? 8411);

Deno.serve({ hostname: "127.0.0.1", port }, async (request) => {
  const { pathname } = new URL(request.url);
  const text = await Deno.readTextFile(`${SAMPLE.pathname}${pathname}.json`).catch(() => undefined);
  if (text === undefined) return Response.json({ message: "Not Found" }, { status: 404 });
  return new Response(text, { headers: { "content-type": "application/json" } });
});
