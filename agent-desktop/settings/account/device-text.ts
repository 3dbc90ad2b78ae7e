const browsers: [RegExp, string][] = [
  [/Edg\//u, "Edge"],
  [/OPR\//u, "Opera"],
  [/Firefox\//u, "Firefox"],
  [/HeadlessChrome|Chrome\//u, "Chrome"],
  [/Safari\//u, "Safari"],
];
const systems: [RegExp, string][] = [
  [/iPhone/u, "iPhone"],
  [/iPad/u, "iPad"],
  [/Android/u, "Android"],
  [/Windows/u, "Windows"],
  [/Mac OS X|Macintosh/u, "macOS"],
  [/Linux|X11/u, "Linux"],
];
const found = (device: string, of: [RegExp, string][]) => of.find(([pattern]) => pattern.test(device))?.[1];

/** A browser's description of itself in words people know: `Firefox on Windows`. */
export const deviceText = (device: string | null): string => {
  if (!device) return "Unknown device";
  const browser = found(device, browsers);
  const system = found(device, systems);
  if (browser) return system ? `${browser} on ${system}` : browser;
  return device.length > 60 ? `${device.slice(0, 60)}…` : device;
};
