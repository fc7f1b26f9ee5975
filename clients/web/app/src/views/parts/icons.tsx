/** The icons, drawn as lines so that they take the colour of the text.  They are never the only name of a control. */

const PATHS = {
  back: "M15 5l-7 7 7 7",
  send: "M4 12l16-8-5 16-3.5-6.5z M11.5 13.5L20 4",
  plus: "M12 5v14 M5 12h14",
  camera: "M4 8h3l2-3h6l2 3h3v11H4z M12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  photo: "M4 5h16v14H4z M4 16l5-5 4 4 3-3 4 4 M15.5 9.5h.01",
  file: "M7 3h7l4 4v14H7z M14 3v5h4",
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M16.2 16.2L21 21",
  more: "M12 5.5h.01 M12 12h.01 M12 18.5h.01",
  pin: "M9 4h6l-1 6 3 3H7l3-3z M12 13v7",
  mute: "M6 10a6 6 0 0 1 9-5.2 M18 10c0 4 1.5 5 1.5 6.5H8 M4 4l16 16 M10.5 19.5a2 2 0 0 0 3 0",
  sound: "M6 10a6 6 0 0 1 12 0c0 4 1.5 5 1.5 6.5h-15C4.500 15 6 14 6 10z M10.500 19.500a2 2 0 0 0 3 0",
  check: "M5 12.500l4.500 4.500L19 7.500",
  checks: "M2.500 12.500L7 17l9-9.500 M12 16l1 1 9-9.500",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M12 7.500V12l3 2",
  warn: "M12 4L2.500 20h19z M12 10v4.500 M12 17.500h.01",
  alarm: "M12 5a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M12 8.500V12l2.500 1.500 M3 7l3-3 M21 7l-3-3",
  reply: "M9 6L4 11l5 5 M4 11h9a7 7 0 0 1 7 7",
  smile: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M9 10h.01 M15 10h.01 M8.500 14a4 4 0 0 0 7 0",
  edit: "M4 20l1-4L16 5l3 3L8 19z",
  trash: "M5 7h14 M9 7V4h6v3 M7 7l1 13h8l1-13",
  copy: "M9 9h11v11H9z M5 15H4V4h11v1",
  info: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M12 11v5 M12 8h.01",
  close: "M6 6l12 12 M18 6L6 18",
  rotate: "M19 12a7 7 0 1 1-2.500-5.400 M17 3v4h-4",
  zoomIn: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M16.200 16.200L21 21 M8 11h6 M11 8v6",
  zoomOut: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M16.200 16.200L21 21 M8 11h6",
  download: "M12 4v11 M7.500 11L12 15.500 16.500 11 M5 20h14",
  blur: "M4 4h5v5H4z M15 4h5v5h-5z M9.500 9.500h5v5h-5z M4 15h5v5H4z M15 15h5v5h-5z",
  arrow: "M5 19L18 6 M10 6h8v8",
  undo: "M8 6L4 10l4 4 M4 10h10a5 5 0 0 1 0 10h-3",
  people: "M9 5a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7z M3 20c0-4 2.500-6 6-6s6 2 6 6 M15.500 5.500a3.500 3.500 0 0 1 0 6 M17 14.500c2.500.600 4 2.500 4 5.500",
  person: "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M5 20c0-4 3-6 7-6s7 2 7 6",
  verified: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z M8.500 12l2.500 2.500 4.500-5",
  timer: "M12 7a7 7 0 1 0 0 14 7 7 0 0 0 0-14z M12 10.500V14l2 1.500 M9.500 3h5",
  leave: "M13 4H5v16h8 M10 12h11 M17 8l4 4-4 4",
  lock: "M6 11h12v9H6z M8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  settings: "M5 7h9 M18 7h1 M5 12h2 M11 12h8 M5 17h9 M18 17h1 M16 5v4 M9 10v4 M16 15v4",
  help: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z M9.800 9.700a2.300 2.300 0 1 1 3.200 2.100c-.700.300-1 .800-1 1.700 M12 16.500h.01",
  filter: "M4 6h16 M7 12h10 M10 18h4",
  down: "M12 5v14 M6 13l6 6 6-6",
  up: "M12 19V5 M6 11l6-6 6 6",
  offline: "M3 9a14 14 0 0 1 4-2.500 M11 5.600A14 14 0 0 1 21 9 M6.500 13a9 9 0 0 1 4-2 M15 11.500a9 9 0 0 1 2.500 1.500 M12 18h.01 M4 3l16 18",
  urgent: "M12 4v10 M12 19h.01",
  retry: "M5 12a7 7 0 1 0 2.500-5.400 M7 3v4h4",
} as const;

export type IconName = keyof typeof PATHS;

/** An ornament: hidden from who cannot see it. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
