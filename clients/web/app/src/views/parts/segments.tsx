/** A text with its links, names and found words.  Links open outside, and tell nothing of where they were. */
import type { Segment } from "../../state/segments.js";

export function Segments({ segments }: { segments: readonly Segment[] }) {
  return (
    <>
      {segments.map((segment) => {
        switch (segment.kind) {
          case "link":
            return (
              <a href={segment.href} target="_blank" rel="noopener noreferrer">
                {segment.text}
              </a>
            );
          case "mention":
            return <b class="mention">{segment.text}</b>;
          case "found":
            return <mark>{segment.text}</mark>;
          case "text":
            return segment.text;
        }
      })}
    </>
  );
}
