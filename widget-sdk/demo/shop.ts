import type { Call, Parley } from "../loader/parley.ts";

// A shop would paste the snippet as it stands:
//   <script async src="https://parley.example/widget.js" data-inbox-key="demo-acme"></script>
// This page adds it by hand, because its inbox can be chosen by `?inbox=`.
const inboxKey = new URLSearchParams(location.search).get("inbox") || "demo-acme";
const script = document.createElement("script");
script.async = true;
script.src = "/widget.js";
script.dataset["inboxKey"] = inboxKey;
document.head.append(script);

// The shop bears the name of the company its visitors will talk to.
if (inboxKey === "demo-globex") {
  const name = "Globex Garden";
  document.title = document.title.replace("Acme Plants", name);
  for (const place of document.querySelectorAll("[data-shop]")) place.textContent = name;
}

document.querySelector("#ask")?.addEventListener("click", () => {
  // Works before the widget has arrived as well: what is asked meanwhile is kept.
  const parley: Parley | Call[] = (window.Parley ??= []);
  parley.push(["open"]);
});
