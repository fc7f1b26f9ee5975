/** A QR code on the page. */
import encodeQR from "qr";

/** A QR code drawn here: `content` is text, or bytes. */
export function QrCode({ content, label }: { readonly content: string | Uint8Array; readonly label: string }) {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  // The package takes text and says how it becomes bytes: one character each.
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const rows = encodeQR(text, "raw", {
    ecc: "medium",
    encoding: "byte",
    border: 4,
    textEncoder: (said: string) => Uint8Array.from(said, (character) => character.charCodeAt(0)),
  });
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect class="qr__paper" width="100%" height="100%" />
      <path class="qr__ink" d={path} />
    </svg>
  );
}
