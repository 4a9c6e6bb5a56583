"use strict";
// Coming in with a named token.
document.getElementById("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = document.getElementById("token").value.trim();
  const said = await fetch("/api/enter", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }),
  });
  if (said.ok) location.replace("/");
  else document.getElementById("wrong").hidden = false;
});
