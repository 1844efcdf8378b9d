/**
 * The egress thread, except that it dies of a callout whose URL ends in `/die`.
 *
 * @module
 */
import "../../runtime/egress/worker.ts";

addEventListener("message", (event) => {
  const { data } = event as MessageEvent<{ type: string; callout?: { url: string } }>;
  if (data.callout?.url.endsWith("/die")) throw new Error("killed by a test");
});
