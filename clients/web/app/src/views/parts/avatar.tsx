/** A round picture made of initials; several people, or a group, have an icon. */
import { hue, initials } from "../../state/names.js";
import { Icon } from "./icons.js";

export function Avatar({ id, name, group = false, small = false }: { id: string; name: string; group?: boolean; small?: boolean }) {
  return (
    <span class={`avatar avatar--${hue(id)}${small ? " avatar--small" : ""}`} aria-hidden="true">
      {group ? <Icon name="people" /> : initials(name)}
    </span>
  );
}
