import { spawn } from "node:child_process";
import type { Writable } from "node:stream";

/**
 * What outlives this process for a moment to clear up behind it. A tiny shell reads our pipe: the kernel closes the pipe
 * however we end, a kill -9 included, and then it ends what we had started: first the nodes and workers, then what they
 * stand on. No child has to cooperate, so a frozen one is ended as well.
 */
const script = `
trap '' HUP INT TERM
first= last=
drop() { kept=; for entry in $1; do [ "\${entry%%:*}" = "$2" ] || kept="$kept $entry"; done; }
alive() {
  kill -0 "$1" 2>/dev/null || return 1
  [ -r "/proc/$1/stat" ] && read -r stat < "/proc/$1/stat" && case $stat in *") Z "*) return 1 ;; esac
  return 0
}
finish() {
  for entry in $1; do kill -"\${entry#*:}" "\${entry%%:*}" 2>/dev/null; done
  tenths=0
  while [ $tenths -lt $2 ]; do
    waiting=
    for entry in $1; do alive "\${entry%%:*}" && waiting=yes; done
    [ -z "$waiting" ] && return
    sleep 0.1
    tenths=$((tenths + 1))
  done
  for entry in $1; do kill -KILL "\${entry%%:*}" 2>/dev/null; done
}
while read -r verb what; do
  case $verb in
    first) first="$first $what" ;;
    last) last="$last $what" ;;
    gone) drop "$first" "$what"; first=$kept; drop "$last" "$what"; last=$kept ;;
    directory) set -- "$@" "$what" ;;
  esac
done
finish "$first" 40
finish "$last" 100
[ $# -eq 0 ] || rm -rf -- "$@"
`;

let pipe: Writable | undefined;
const tell = (line: string) => {
  if (!pipe) {
    // Its own session, so that a Ctrl-C at the terminal reaches us and not it.
    const shell = spawn("/bin/sh", ["-c", script, "parley-watchdog"], {
      cwd: "/",
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    shell.on("error", () => {});
    shell.stdin.on("error", () => {});
    shell.unref();
    (shell.stdin as unknown as { unref?: () => void }).unref?.();
    pipe = shell.stdin;
  }
  pipe.write(`${line}\n`);
};

/** Has `pid` ended by `signal` when this process is gone; `first` before `last`. Killed when it does not listen. */
export const watch = (pid: number, order: "first" | "last", signal: "SIGTERM" | "SIGINT"): void =>
  tell(`${order} ${pid}:${signal.slice(3)}`);

/** Tells the watchdog that `pid` has ended: its number may soon belong to a stranger. */
export const unwatch = (pid: number): void => tell(`gone ${pid}`);

/** Has a directory removed once this process, and what it started, is gone. */
export const removeAfterwards = (directory: string): void => tell(`directory ${directory}`);
