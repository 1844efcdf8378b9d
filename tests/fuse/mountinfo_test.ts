import assert from "node:assert/strict";
import { isFuse, parseMountInfo } from "../../fuse/mountinfo.ts";

const TEXT = String.raw`22 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/root rw
36 22 0:45 / /mnt/with\040space\134x rw,nosuid,nodev - fuse.omnifs my\011source rw,user_id=0
37 22 0:1234567 / /mnt/plain rw - fuseblk /dev/sda1 rw
38 22 0:46 / /sys/fs/fuse/connections rw - fusectl none rw
`;

Deno.test("mountinfo is parsed with its escapes, with or without optional fields", () => {
  assert.deepEqual(parseMountInfo(TEXT), [
    { id: 22, dir: "/", type: "ext4", source: "/dev/root", connection: 0 },
    { id: 36, dir: "/mnt/with space\\x", type: "fuse.omnifs", source: "my\tsource", connection: 45 },
    { id: 37, dir: "/mnt/plain", type: "fuseblk", source: "/dev/sda1", connection: 1234567 },
    { id: 38, dir: "/sys/fs/fuse/connections", type: "fusectl", source: "none", connection: 46 },
  ]);
});

Deno.test("every kind of FUSE mount is one, and nothing else", () => {
  assert.deepEqual(parseMountInfo(TEXT).map(isFuse), [false, true, true, false]);
});
