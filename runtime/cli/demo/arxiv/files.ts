/**
 * The bytes of PDFs and sources.
 *
 * @module
 */

/** A source: its bytes, and the headers that say what it is. */
export interface SourceBytes {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `content-type` and `content-disposition`. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The PDF of a version, never as long as another one's: a page with its name, and remarks that nobody sees. */
export function pdfOf(id: string, version: number): Uint8Array<ArrayBuffer> {
  const name = `${id}v${version}`;
  const text = `BT /F1 24 Tf 72 720 Td (arXiv:${name}) Tj ET`;
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
  ];
  let file = `%PDF-1.5\n${`${"%".repeat(version)} ${name}\n`.repeat(1_000 + version)}`;
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}`;
  const trailer = `trailer\n<< /Size ${
    objects.length + 1
  } /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return new TextEncoder().encode(file + table + trailer);
}

/** The source of a version as arXiv sends it. */
export async function sourceOf(
  id: string,
  version: number,
  kind: "tar.gz" | "gz" | "pdf",
): Promise<SourceBytes> {
  const tex = new TextEncoder().encode(`\\documentclass{article} % ${id}v${version}\n`);
  const name = `arXiv-${id.replace("/", "-")}v${version}.${kind}`;
  const headers = {
    "content-type": kind === "pdf" ? "application/pdf" : "application/gzip",
    "content-disposition": `attachment; filename="${name}"`,
  };
  if (kind === "pdf") return { bytes: pdfOf(id, version), headers };
  return { bytes: await gzipped(kind === "gz" ? tex : tarOf("main.tex", tex)), headers };
}

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
}

/** An archive with one file (`ustar` of POSIX.1-1988). */
function tarOf(name: string, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const archive = new Uint8Array(512 + Math.ceil(bytes.length / 512) * 512 + 1_024);
  const put = (at: number, text: string) => archive.set(new TextEncoder().encode(text), at);
  put(0, name);
  put(100, "0000644\0" + "0000000\0" + "0000000\0");
  put(124, `${bytes.length.toString(8).padStart(11, "0")}\0` + "00000000000\0" + "        " + "0");
  put(257, "ustar\0" + "00");
  const sum = archive.subarray(0, 512).reduce((all, byte) => all + byte, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  archive.set(bytes, 512);
  return archive;
}
