// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// The parts of the page that do not depend on the links.
enum PageText {
    /// Up to the title.
    ///
    /// The policy names the one style and the one script by their digests; nothing is loaded from
    /// anywhere. No address that is opened from the page learns of the page's.
    static let head = """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        script-src '\(digest(of: script))'; style-src '\(digest(of: style))'; \
        base-uri 'none'; form-action 'none'">
        <meta name="referrer" content="no-referrer">
        <meta name="robots" content="noindex">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>
        """

    /// From the title to where it stands on the page.
    static let headEnd = "</title>\n<style>\(style)</style>\n</head>\n<body>\n<h1><bdi>"

    /// From the sentence that says how old the page is to the first row.
    static let tableStart = """
        <span id="count"></span></p>
        <p id="tools" hidden><input id="search" type="search" placeholder="Search" \
        aria-label="Search" autocomplete="off" spellcheck="false"></p>
        <table>
        <thead><tr><th>Name</th><th>Template</th><th>Size</th><th>Expires</th></tr></thead>
        <tbody>

        """

    static let tableEnd = "</tbody>\n</table>\n"

    static let foot = "<script>\(script)</script>\n</body>\n</html>\n"

    /// How a policy names a text that stands in the page: `sha256-…` (CSP 3, section 2.3.1).
    private static func digest(of text: String) -> String {
        "sha256-" + Array(SHA256.hash(data: Array(text.utf8))).base64
    }

    static let style = """

        :root { color-scheme: light dark; font: 16px/1.4 system-ui, sans-serif; }
        body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
        h1 { font-size: 1.4rem; margin: 0; }
        input { font: inherit; padding: .4rem .6rem; width: min(24rem, 100%); }
        table { border-collapse: collapse; width: 100%; }
        th, td { border-bottom: 1px solid #8884; padding: .35rem .6rem; text-align: left; }
        th { background: Canvas; position: sticky; top: 0; white-space: nowrap; }
        th button { all: unset; cursor: pointer; font-weight: bold; }
        th button:focus-visible { outline: 2px solid; }
        th[aria-sort=ascending] button::after { content: " \\2191"; }
        th[aria-sort=descending] button::after { content: " \\2193"; }
        td:first-child { overflow-wrap: anywhere; }
        td:nth-child(n+3) { font-variant-numeric: tabular-nums; white-space: nowrap; }
        tr.gone { opacity: .5; }

        """

    /// Adds what needs a script: search, sorting, time left, copying.
    ///
    /// It reads what the table says and writes text only.
    static let script = """

        "use strict";
        (() => {
          const table = document.querySelector("table");
          const body = table.tBodies[0];
          const rows = Array.from(body.rows);
          const search = document.getElementById("search");
          const count = document.getElementById("count");
          const fold = text => text.normalize("NFKC").toLowerCase();
          const keys = rows.map(row => fold(row.cells[0].textContent + "\\n" + row.cells[1].textContent));
          const ends = rows.map(row => Number(row.cells[3].dataset.v));
          const times = rows.map(row => row.cells[3].querySelector("time"));

          const show = () => {
            const words = fold(search.value).split(/\\s+/).filter(word => word);
            let shown = 0;
            rows.forEach((row, index) => {
              row.hidden = !words.every(word => keys[index].includes(word));
              if (!row.hidden) shown += 1;
            });
            count.textContent = "\\u00b7 " + (words.length ? shown + " of " : "") + rows.length
              + (rows.length === 1 ? " link" : " links");
          };

          const left = seconds => {
            if (seconds <= 0) return "expired";
            const [d, h, m] = [seconds / 86400 | 0, seconds / 3600 % 24 | 0, seconds / 60 % 60 | 0];
            if (d > 0) return "in " + d + " d " + h + " h";
            if (h > 0) return "in " + h + " h " + m + " min";
            return m > 0 ? "in " + m + " min" : "in " + (seconds | 0) + " s";
          };
          const tick = () => {
            const now = Date.now() / 1000;
            times.forEach((time, index) => {
              const text = left(ends[index] - now);
              if (time.textContent === text) return;
              time.textContent = text;
              rows[index].classList.toggle("gone", text === "expired");
            });
          };

          const copy = async (link, button) => {
            let done = true;
            try {
              await navigator.clipboard.writeText(link.href);
            } catch {
              const area = document.createElement("textarea");
              area.value = link.href;
              document.body.append(area);
              area.select();
              done = document.execCommand("copy");
              area.remove();
            }
            button.textContent = done ? "Copied" : "Not copied";
            setTimeout(() => { button.textContent = "Copy"; }, 1500);
          };
          table.tHead.rows[0].append(document.createElement("th"));
          for (const row of rows) {
            const cell = row.insertCell();
            const link = row.querySelector("a");
            if (!link) continue;
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = "Copy";
            button.addEventListener("click", () => copy(link, button));
            cell.append(button);
          }

          const compare = new Intl.Collator(undefined, { numeric: true }).compare;
          Array.from(table.tHead.rows[0].cells).slice(0, 4).forEach((head, column) => {
            const button = document.createElement("button");
            button.type = "button";
            button.textContent = head.textContent;
            head.replaceChildren(button);
            const value = column < 2
              ? row => row.cells[column].textContent
              : row => Number(row.cells[column].dataset.v);
            button.addEventListener("click", () => {
              const up = head.getAttribute("aria-sort") !== "ascending";
              for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
              head.setAttribute("aria-sort", up ? "ascending" : "descending");
              const sorted = rows.map(row => [value(row), row]).sort(([a], [b]) =>
                (column < 2 ? compare(a, b) : a - b) * (up ? 1 : -1));
              body.append(...sorted.map(([, row]) => row));
            });
          });

          for (const time of times) time.title = time.textContent;
          search.addEventListener("input", show);
          document.getElementById("tools").hidden = false;
          show();
          tick();
          setInterval(tick, rows.length > 500 ? 15000 : 1000);
        })();

        """
}
