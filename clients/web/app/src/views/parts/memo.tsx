/** A component drawn again only when one of its properties is another one. */
import { Component, type ComponentChildren } from "preact";

export function memo<P extends object>(draw: (props: P) => ComponentChildren) {
  return class Memo extends Component<P> {
    override shouldComponentUpdate(next: Readonly<P>): boolean {
      const keys = Object.keys(next) as (keyof P)[];
      return keys.length !== Object.keys(this.props).length || keys.some((key) => !Object.is(next[key], this.props[key]));
    }

    override render() {
      const Draw = draw;
      return <Draw {...this.props} />;
    }
  };
}
