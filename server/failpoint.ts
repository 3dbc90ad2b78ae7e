/**
 * Points at which a test may kill the process, armed by FAILPOINTS (`name` or `name:count`, comma-separated).
 * Unarmed, a point costs one comparison.
 */
let armed: Map<string, number> | undefined;

export const armFailpoints = (list: string): void => {
  if (list === "") return;
  armed = new Map(
    list.split(",").map((item) => {
      const [name, count] = item.trim().split(/:(?=\d+$)/u);
      return [name!, Number(count ?? 1)];
    }),
  );
};

export const failpoint = (name: string): void => {
  if (armed === undefined) return;
  const left = armed.get(name);
  if (left === undefined) return;
  if (left <= 1) process.kill(process.pid, "SIGKILL");
  armed.set(name, left - 1);
};
