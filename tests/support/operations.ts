/**
 * The address at which a stand-in in a process of its own is told what to do.
 *
 * @module
 */

/** Answers `{op, args}` with `{value}`: what the operation called `op` comes to; or with `{error}`. */
export async function answerControl(operations: object, request: Request): Promise<Response> {
  try {
    const { op, args }: { op: string; args: unknown[] } = await request.json();
    const table = new Map<string, (...args: never[]) => unknown>(Object.entries(operations));
    const operation = table.get(op);
    if (operation === undefined) return Response.json({ error: `no operation ${op}` }, { status: 404 });
    const value: unknown = await Reflect.apply(operation, undefined, args);
    return Response.json({ value: value ?? null });
  } catch (error) {
    return Response.json({ error: error instanceof Error ? error.message : String(error) }, { status: 500 });
  }
}
