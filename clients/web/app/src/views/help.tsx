/** The keys: the sheet of F1, made from the table that the keyboard itself uses. */
import { SHORTCUTS, keysOf } from "../state/keys.js";
import { Dialog } from "./parts/dialog.js";
import { usePlace } from "./place.js";

export function HelpSheet({ onClose }: { onClose: () => void }) {
  const { t } = usePlace();
  const everywhere = SHORTCUTS.filter((one) => !one.plain).map((one) => [keysOf(one, t.help.shift), t.help.commands[one.command]] as const);
  return (
    <Dialog title={t.help.title} onClose={onClose}>
      <Keys title={t.help.everywhere} keys={everywhere} />
      <Keys
        title={t.help.writing}
        keys={[
          [["Entrée"], t.help.enter],
          [[t.help.shift, "Entrée"], t.help.shiftEnter],
          [["↑"], t.help.up],
          [["@"], t.help.at],
          [["Esc"], t.help.escape],
        ]}
      />
      <Keys
        title={t.help.reading}
        keys={[
          [["↑"], t.help.arrows],
          [["R"], t.help.replyKey],
          [["+"], t.help.reactKey],
          [["E"], t.help.editKey],
          [["Entrée"], t.help.menuKey],
        ]}
      />
      <Keys
        title={t.help.picture}
        keys={[
          [["+"], t.viewer.zoomIn],
          [["−"], t.viewer.zoomOut],
          [["R"], t.viewer.rotate],
          [["0"], t.viewer.reset],
          [["←"], t.viewer.previous],
          [["→"], t.viewer.next],
        ]}
      />
    </Dialog>
  );
}

function Keys({ title, keys }: { title: string; keys: readonly (readonly [readonly string[], string])[] }) {
  const { language } = usePlace();
  const named = (key: string): string => (key === "Entrée" && language === "en" ? "Enter" : key);
  return (
    <section>
      <h3 class="section-title">{title}</h3>
      <dl class="keys">
        {keys.map(([combination, meaning]) => (
          <div class="keys__line" key={meaning}>
            <dt>
              {combination.map((key) => (
                <kbd key={key}>{named(key)}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
