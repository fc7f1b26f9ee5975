/** A part of the application that is fetched when it is first shown: the service worker has it at hand. */
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { usePlace } from "../place.js";

type Draw<P> = (props: P) => ComponentChildren;

/** `load` must be the same function each time. What cannot be fetched is told like every refusal. */
export function Lazy<P extends object>({ load, props }: { load: () => Promise<Draw<P>>; props: P }) {
  const { desk } = usePlace();
  const [loaded, setLoaded] = useState<{ draw: Draw<P> } | null>(null);
  useEffect(() => {
    void desk.act(load).then((draw) => draw && setLoaded({ draw }));
  }, [load]);
  if (!loaded) return null;
  const Loaded = loaded.draw;
  return <Loaded {...props} />;
}
