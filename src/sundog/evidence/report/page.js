"use strict";
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  function stored(value) {
    try {
      if (value === undefined) return localStorage.getItem("sundog-theme");
      localStorage.setItem("sundog-theme", value);
    } catch (e) { /* a page opened from a file may have no storage */ }
    return null;
  }
  function dark() {
    var chosen = root.getAttribute("data-theme");
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  var kept = stored();
  if (kept === "dark" || kept === "light") root.setAttribute("data-theme", kept);
  document.addEventListener("DOMContentLoaded", function () {
    var toggle = document.getElementById("theme");
    function say() {
      if (!toggle) return;
      toggle.textContent = dark() ? "Light page" : "Dark page";
    }
    if (toggle) {
      toggle.addEventListener("click", function () {
        var next = dark() ? "light" : "dark";
        root.setAttribute("data-theme", next);
        stored(next);
        say();
      });
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", say);
      say();
    }
    document.querySelectorAll("table[data-sort]").forEach(sortable);
    document.querySelectorAll("[data-filter]").forEach(filterable);
  });
  function key(row, at) {
    var cell = row.cells[at];
    var number = cell.getAttribute("data-n");
    if (number !== null) return number === "" ? -Infinity : Number(number);
    return cell.textContent.trim().toLowerCase();
  }
  function sortable(table) {
    table.querySelectorAll("thead th").forEach(function (head, at) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", function () {
        var down = head.getAttribute("aria-sort") === "ascending";
        table.querySelectorAll("thead th").forEach(function (h) { h.setAttribute("aria-sort", "none"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var body = table.tBodies[0];
        var rows = Array.prototype.slice.call(body.rows).map(function (r, i) { return [key(r, at), i, r]; });
        rows.sort(function (a, b) {
          var way = a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
          return (down ? -way : way) || a[1] - b[1];
        });
        rows.forEach(function (r) { body.appendChild(r[2]); });
      });
    });
  }
  function filterable(form) {
    var rows = Array.prototype.slice.call(document.querySelectorAll("#" + form.getAttribute("data-filter") + " tbody tr"));
    var words = rows.map(function (r) { return r.textContent.toLowerCase(); });
    var text = form.querySelector("input");
    var picks = Array.prototype.slice.call(form.querySelectorAll("select"));
    var output = form.querySelector("output");
    function apply() {
      var wanted = text.value.trim().toLowerCase().split(/\s+/);
      var shown = 0;
      rows.forEach(function (row, i) {
        var fits = wanted.every(function (w) { return words[i].indexOf(w) >= 0; }) && picks.every(function (p) {
          return !p.value || row.getAttribute("data-" + p.name) === p.value;
        });
        row.hidden = !fits;
        if (fits) shown += 1;
      });
      output.textContent = shown + " of " + rows.length + " shown";
    }
    form.addEventListener("submit", function (e) { e.preventDefault(); });
    form.addEventListener("input", apply);
    apply();
  }
})();
