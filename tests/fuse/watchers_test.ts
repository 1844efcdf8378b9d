import assert from "node:assert/strict";
import { parseMarks } from "../../fuse/watchers.ts";

/** As Linux 6.18 writes it, for an instance that watches two files of device 0:69 and one of another. */
const FDINFO = `pos:	0
flags:	02004000
mnt_id:	16
ino:	1061
inotify wd:3 ino:1c35a1cd2ca65 sdev:45 mask:3c6 ignored_mask:0 fhandle-bytes:c fhandle-type:81 f_handle:00
inotify wd:2 ino:2 sdev:fe00001 mask:3c6 ignored_mask:0 
inotify wd:1 ino:1 sdev:45 mask:fce ignored_mask:0 
`;

Deno.test("what somebody watches is read from fdinfo, by inode number and device", () => {
  assert.deepEqual(parseMarks(FDINFO, 0x45), [0x1c35a1cd2ca65, 1]);
  assert.deepEqual(parseMarks(FDINFO, 0x46), []);
  assert.deepEqual(parseMarks("pos:	0\n", 0x45), []);
});
