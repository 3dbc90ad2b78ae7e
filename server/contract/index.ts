export * from "./admin.ts";
export * from "./agent.ts";
export * from "./define.ts";
export * from "./entities.ts";
export * from "./errors.ts";
export * from "./permissions.ts";
export * from "./widget.ts";
