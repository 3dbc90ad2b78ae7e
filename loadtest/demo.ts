/** Who of the demo data takes part in a load test; every server that has them will do. */
export const shop = "demo-acme";
export const people = ["agent@acme.test", "agent2@acme.test"];
export const password = "parley-demo";
