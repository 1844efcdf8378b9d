/**
 * The file store: who may read it, what stands in it, and what its seal is worth.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { CredentialStore } from "../../runtime/egress/credential_store.ts";
import { Keyrings } from "../../runtime/egress/keyring.ts";
import { tempDir } from "../support/temp.ts";

const SECRET = "tok_Stored-0123456789abcdef";
const PLACE = { mount: "github", name: "GITHUB_TOKEN", target: "api.github.com" };
const PATH = Deno.env.get("PATH") ?? "";

/** A store in `dir`, with the programs of `bin` before those of the machine. */
function storeIn(dir: string, bin?: string): CredentialStore {
  const variables: Record<string, string> = bin === undefined
    ? { OMNIFS_KEYRING: "none" }
    : { PATH: `${bin}:${PATH}`, HOME: bin };
  const keyrings = new Keyrings({ environment: (name) => variables[name], clock: systemClock });
  return new CredentialStore({ dir: `${dir}/credentials`, keyrings, clock: systemClock });
}

/** A desktop's keyring in a file, as `secret-tool` of libsecret is spoken to. */
const SECRET_TOOL = `#!/bin/sh
case "$1" in
  store) cat > "$HOME/keyring" ;;
  lookup) cat "$HOME/keyring" 2>/dev/null ;;
  *) exit 2 ;;
esac
`;

/** The kernel's keyring in a file, as \`keyctl\` of keyutils is spoken to. */
const KEYCTL = `#!/bin/sh
case "$1" in
  search) test -e "$HOME/kernel" && echo 42 ;;
  padd) cat > "$HOME/kernel"; echo 42 ;;
  pipe) test "$2" = 42 && cat "$HOME/kernel" ;;
  *) exit 2 ;;
esac
`;

Deno.test("what is stored is found again, for its mount, name and target alone", async () => {
  await using dir = await tempDir();
  const store = storeIn(dir.path);
  assert.deepEqual(await store.list(), []);
  const stored = await store.save({ ...PLACE, account: "octocat", scopes: ["repo"] }, SECRET);
  assert.equal(stored.keyring, undefined);
  assert.equal(await store.find(PLACE), SECRET);
  assert.equal(await store.find({ ...PLACE, target: "API.GitHub.com" }), SECRET);
  for (
    const other of [
      { ...PLACE, mount: "work" },
      { ...PLACE, name: "OTHER_TOKEN" },
      { ...PLACE, target: "api.github.com.evil.test" },
      { ...PLACE, target: "*.github.com" },
      { ...PLACE, target: "api.github.com:8443" },
    ]
  ) assert.equal(await store.find(other), undefined, JSON.stringify(other));
  assert.equal(await store.find({ ...PLACE, mount: "work" }, "github"), SECRET);
  assert.equal(await store.find({ ...PLACE, mount: "work", target: "evil.test" }, "github"), undefined);
  await store.save(PLACE, "newer");
  assert.deepEqual([(await store.list()).length, await store.find(PLACE)], [1, "newer"]);
  assert.doesNotMatch(JSON.stringify(await store.list()), /newer/);
  assert.equal((await store.remove(({ mount }) => mount === "github")).length, 1);
  assert.equal(await store.find(PLACE), undefined);
});

Deno.test("the file is for its owner alone, in a folder for its owner alone", async () => {
  await using dir = await tempDir();
  await storeIn(dir.path).save(PLACE, SECRET);
  const modes = ["credentials", "credentials/credentials.json"].map(async (path) =>
    ((await Deno.stat(`${dir.path}/${path}`)).mode ?? 0) & 0o777
  );
  assert.deepEqual(await Promise.all(modes), [0o700, 0o600]);
});

Deno.test("a store that others could open, or that is a link, is refused with what mends it", async () => {
  await using dir = await tempDir();
  const store = storeIn(dir.path);
  await store.save(PLACE, SECRET);
  const [folder, file] = [`${dir.path}/credentials`, `${dir.path}/credentials/credentials.json`];
  for (const [path, mode, right] of [[file, 0o640, 0o600], [folder, 0o750, 0o700]] as const) {
    await Deno.chmod(path, mode);
    for (const use of [() => store.find(PLACE), () => store.list(), () => store.save(PLACE, "x")]) {
      await assert.rejects(use, {
        kind: "denied",
        message: /others may open it/,
        mend: new RegExp(`^chmod ${right.toString(8)} ${path}`),
      });
    }
    await Deno.chmod(path, right);
  }
  assert.equal(await store.find(PLACE), SECRET);
  await Deno.rename(file, `${dir.path}/elsewhere`);
  await Deno.symlink(`${dir.path}/elsewhere`, file);
  await assert.rejects(store.find(PLACE), { kind: "denied", message: /it is no file/ });
});

Deno.test("a store of another user is refused", { ignore: Deno.uid() !== 0 }, async () => {
  await using dir = await tempDir();
  const store = storeIn(dir.path);
  await store.save(PLACE, SECRET);
  await Deno.chown(`${dir.path}/credentials/credentials.json`, 12_345, 12_345);
  await assert.rejects(store.find(PLACE), { kind: "denied", message: /it belongs to another user/ });
});

Deno.test("a damaged file is told without what is in it", async () => {
  await using dir = await tempDir();
  const store = storeIn(dir.path);
  await store.save(PLACE, SECRET);
  const file = `${dir.path}/credentials/credentials.json`;
  await Deno.writeTextFile(file, (await Deno.readTextFile(file)).slice(0, -3));
  await assert.rejects(store.find(PLACE), (error: Error) => {
    assert.match(error.message, /damaged/);
    return !error.message.includes(SECRET);
  });
});

for (
  const [name, program, text] of [["desktop", "secret-tool", SECRET_TOOL], [
    "kernel",
    "keyctl",
    KEYCTL,
  ]] as const
) {
  Deno.test(`with a key in the ${name} keyring the secret is sealed, and bound to where it belongs`, async () => {
    await using dir = await tempDir();
    await Deno.writeTextFile(`${dir.path}/${program}`, text, { mode: 0o755 });
    const store = storeIn(dir.path, dir.path);
    assert.equal((await store.save(PLACE, SECRET)).keyring, name);
    const file = `${dir.path}/credentials/credentials.json`;
    const sealed = await Deno.readTextFile(file);
    assert.ok(!sealed.includes(SECRET));
    assert.equal(await store.find(PLACE), SECRET);
    // Another store opens it with the same key: the key is in the keyring and nowhere else.
    assert.equal(await storeIn(dir.path, dir.path).find(PLACE), SECRET);

    await Deno.writeTextFile(file, sealed.replace("api.github.com", "evil.test"));
    const moved = { ...PLACE, target: "evil.test" };
    await assert.rejects(store.find(moved), { kind: "unavailable", mend: "omnifs auth login github" });
    await Deno.writeTextFile(file, sealed);

    await Deno.remove(`${dir.path}/${name === "desktop" ? "keyring" : "kernel"}`);
    await assert.rejects(store.find(PLACE), { kind: "unavailable", message: /keyring any more/ });
  });
}

Deno.test("a keyring that keeps nothing is none, and the secret stands plain", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/secret-tool`, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  await Deno.writeTextFile(`${dir.path}/keyctl`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
  assert.equal((await storeIn(dir.path, dir.path).save(PLACE, SECRET)).keyring, undefined);
});
