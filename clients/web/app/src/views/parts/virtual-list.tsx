/**
 * A list of any length of which only what is seen is in the page; it grows at both ends without a jump.
 *
 * The reader's place is a row and how far it stands from the top (or the very end): after every change of heights it
 * is put back.  Heights are guessed by `estimate` until a row was shown.  Refuses the browser's own scroll anchoring
 * (`overflow-anchor: none` in the styles), which Safari lacks and which would do it twice.
 */
import { Component, type ComponentChildren } from "preact";
import { Heights, type Range, rangeFor } from "../../state/heights.js";

export interface Keyed {
  readonly key: string;
}

export interface ListHandle {
  /** Bring a row into sight, near the top third; null: the end of the list. */
  reveal(key: string | null): void;
}

interface ListProps<Row extends Keyed> {
  readonly rows: readonly Row[];
  readonly estimate: (row: Row) => number;
  readonly draw: (row: Row) => ComponentChildren;
  /** The row to begin at; null: the end. */
  readonly startKey: string | null;
  readonly onNearTop: () => void;
  /** The last row seen, and whether it is the end. */
  readonly onSeen: (key: string, atEnd: boolean) => void;
  /** Set to the list itself while it is there. */
  readonly handle: { current: ListHandle | null };
  readonly label: string;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

const SPARE = 10;
const NEAR_TOP_PX = 1200;
const END_PX = 40;

export class VirtualList<Row extends Keyed> extends Component<ListProps<Row>, Range> implements ListHandle {
  override state: Range = { from: 0, to: 0 };
  #heights = new Heights([]);
  #rows: readonly Row[] = [];
  #indexes = new Map<string, number>();
  readonly #measured = new Map<string, number>();
  #viewport: HTMLElement | null = null;
  #space: HTMLElement | null = null;
  #window: HTMLElement | null = null;
  #atEnd = true;
  #anchor: { key: string; delta: number } | null = null;
  #width = 0;
  #observer: ResizeObserver | null = null;
  #told = "";

  override componentDidMount(): void {
    const { startKey, handle } = this.props;
    handle.current = this;
    if (startKey !== null) {
      this.#atEnd = false;
      this.#anchor = { key: startKey, delta: 60 };
    }
    this.#observer = new ResizeObserver(() => this.#resized());
    if (this.#viewport) this.#observer.observe(this.#viewport);
    if (this.#window) this.#observer.observe(this.#window);
    this.#settle();
  }

  override componentDidUpdate(): void {
    this.#settle();
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect();
    if (this.props.handle.current === this) this.props.handle.current = null;
  }

  reveal(key: string | null): void {
    if (key === null) {
      this.#atEnd = true;
      this.#anchor = null;
    } else {
      this.#atEnd = false;
      this.#anchor = { key, delta: Math.round((this.#viewport?.clientHeight ?? 300) / 3) };
    }
    this.#told = "";
    this.#settle();
  }

  #take(rows: readonly Row[]): void {
    if (rows === this.#rows) return;
    // A list that fitted never scrolled: whoever saw its end sees what comes after it.
    if (rows.at(-1)?.key !== this.#rows.at(-1)?.key && this.#showsEnd()) this.#atEnd = true;
    this.#rows = rows;
    this.#indexes = new Map(rows.map((row, index) => [row.key, index]));
    this.#heights = new Heights(rows.map((row) => this.#measured.get(row.key) ?? this.props.estimate(row)));
  }

  #resized(): void {
    const width = this.#window?.clientWidth ?? 0;
    if (width !== this.#width && this.#width !== 0) this.#measured.clear();
    this.#width = width;
    this.#settle();
  }

  /** Measure what is shown, put the reader's place back, and draw other rows if those seen are not there. */
  #settle(): void {
    const viewport = this.#viewport;
    if (!viewport || !this.#space || !this.#window) return;
    this.#measure(this.#window);
    this.#space.style.height = `${this.#heights.total}px`;
    this.#window.style.transform = `translateY(${this.#heights.offset(this.state.from)}px)`;
    const wanted = this.#wantedTop(viewport);
    if (Math.abs(viewport.scrollTop - wanted) >= 1) viewport.scrollTop = wanted;
    this.#fill(viewport);
    this.#tell(viewport);
  }

  #measure(window: HTMLElement): void {
    let index = this.state.from;
    for (const element of window.children) {
      const row = this.#rows[index];
      if (!row || (element as HTMLElement).dataset["key"] !== row.key) return;
      const height = (element as HTMLElement).offsetHeight;
      this.#measured.set(row.key, height);
      this.#heights.set(index, height);
      index += 1;
    }
  }

  #wantedTop(viewport: HTMLElement): number {
    const most = Math.max(0, viewport.scrollHeight - viewport.clientHeight);
    if (this.#atEnd) return most;
    const index = this.#anchor ? this.#indexes.get(this.#anchor.key) : undefined;
    if (index === undefined || !this.#anchor) return Math.min(viewport.scrollTop, most);
    return Math.max(0, Math.min(most, this.#heights.offset(index) - this.#anchor.delta));
  }

  #fill(viewport: HTMLElement): void {
    const range = rangeFor(this.#heights, viewport.scrollTop, viewport.clientHeight, SPARE, this.state);
    if (range.from !== this.state.from || range.to !== this.state.to) this.setState(range);
  }

  #tell(viewport: HTMLElement): void {
    if (viewport.scrollTop < NEAR_TOP_PX) this.props.onNearTop();
    const last = this.#rows[this.#heights.indexAt(viewport.scrollTop + viewport.clientHeight - 8)];
    const atEnd = this.#showsEnd();
    const said = `${last?.key ?? ""}/${atEnd}`;
    if (!last || said === this.#told) return;
    this.#told = said;
    this.props.onSeen(last.key, atEnd);
  }

  #showsEnd(): boolean {
    const viewport = this.#viewport;
    return viewport !== null && viewport.scrollTop + viewport.clientHeight >= viewport.scrollHeight - END_PX;
  }

  readonly #scrolled = (): void => {
    const viewport = this.#viewport;
    if (!viewport) return;
    this.#atEnd = this.#showsEnd();
    const index = this.#heights.indexAt(viewport.scrollTop);
    const row = this.#rows[index];
    if (row) this.#anchor = { key: row.key, delta: this.#heights.offset(index) - viewport.scrollTop };
    this.#fill(viewport);
    this.#tell(viewport);
  };

  readonly #holdViewport = (element: HTMLElement | null): void => void (this.#viewport = element);
  readonly #holdSpace = (element: HTMLElement | null): void => void (this.#space = element);
  readonly #holdWindow = (element: HTMLElement | null): void => void (this.#window = element);

  override render() {
    const { rows, draw, label, onKeyDown } = this.props;
    this.#take(rows);
    const shown = rows.slice(this.state.from, Math.min(this.state.to, rows.length));
    return (
      <div
        class="log"
        role="log"
        aria-live="off"
        aria-label={label}
        tabIndex={0}
        ref={this.#holdViewport}
        onScroll={this.#scrolled}
        {...(onKeyDown ? { onKeyDown } : {})}
      >
        <div class="log__space" ref={this.#holdSpace}>
          <div class="log__window" ref={this.#holdWindow}>
            {shown.map((row) => (
              <div key={row.key} data-key={row.key}>
                {draw(row)}
              </div>
            ))}
          </div>
        </div>
      </div>
    );
  }
}
