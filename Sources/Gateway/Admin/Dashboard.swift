/// The page for operators: what each room does, second by second, and the buttons that change it.
enum Dashboard {
    static let page = """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Waiting rooms</title><style>
        :root { color-scheme: light dark; --line: #8884; --accent: #b4451f; }
        body { font: 1rem/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
        section { border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; margin: 1rem 0; }
        h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
        dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .5rem; margin: 0; }
        dl div { border-left: 3px solid var(--line); padding-left: .5rem; }
        dt { font-size: .8rem; opacity: .7; } dd { margin: 0; font-variant-numeric: tabular-nums; font-weight: 600; }
        svg { width: 100%; height: 5rem; margin: .75rem 0 0; border-bottom: 1px solid var(--line); }
        polyline { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; }
        button, input { font: inherit; padding: .25rem .6rem; } form { display: inline; }
        [aria-pressed="true"] { outline: 2px solid var(--accent); font-weight: 600; }
        .bad { color: #c00; }
        </style></head><body><h1>Waiting rooms</h1>
        <p><label>Your name, for the log <input id="who" value="operator" maxlength="64"></label>
        <span id="news" role="status"></span></p><div id="rooms"></div>
        <script>
        const shown = ["state", "mode", "waiting", "inside", "called", "capacity", "rate", "session", "wait",
          "wait_high", "admitted", "no_shows", "passed_over", "cheats", "spent_tickets", "hasty", "polls",
          "provisional", "remaining", "registered"];
        const series = { waiting: (r) => r.waiting, inside: (r) => r.inside,
          "admitted per second": (r, o) => o ? Math.max(0, (r.admitted - o.admitted) * 1000 / (r.now - o.now)) : 0 };
        const asked = { pass: "everybody comes in at once. Sure?", reject: "everybody outside is turned away. Sure?",
          maintenance: "everybody is turned away, also those inside. Sure?" };
        const past = {};
        const make = (tag, text, parent) => {
          const node = document.createElement(tag);
          if (text !== undefined) node.textContent = text;
          if (parent) parent.append(node);
          return node;
        };
        const change = async (room, query) => {
          const answer = await fetch("/rooms/" + room + "?" + query, {
            method: "POST", headers: { "X-Haniel-Operator": document.getElementById("who").value || "operator" } });
          const body = await answer.json();
          document.getElementById("news").textContent = answer.ok ? room + ": " + query : body.problem;
        };
        const draw = (parent, name, values) => {
          const box = make("div", undefined, parent);
          const most = Math.max(1, ...values);
          make("small", name + ", up to " + Math.round(most * 10) / 10, box);
          const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
          svg.setAttribute("viewBox", "0 0 120 40");
          svg.setAttribute("preserveAspectRatio", "none");
          const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
          line.setAttribute("points", values.map((v, i) => i + "," + (39 - 38 * v / most)).join(" "));
          svg.append(line);
          box.append(svg);
        };
        const show = (room) => {
          const known = past[room.room] ??= { rows: [], series: {} };
          for (const [name, value] of Object.entries(series)) {
            const values = known.series[name] ??= [];
            values.push(value(room, known.last));
            if (values.length > 120) values.shift();
          }
          known.last = room;
          let section = document.getElementById("room-" + room.room);
          if (!section) {
            section = make("section", undefined, document.getElementById("rooms"));
            section.id = "room-" + room.room;
            make("h2", room.room, section);
            const bar = make("p", undefined, section);
            for (const mode of ["auto", "pause", "drain", "queue-all", "reject", "pass", "maintenance", "default"]) {
              const button = make("button", mode, bar);
              button.dataset.mode = mode;
              button.onclick = () => {
                const text = asked[mode];
                if (!text || confirm(room.room + ": " + text)) change(room.room, "mode=" + mode);
              };
            }
            for (const key of ["capacity", "rate", "burst", "session"]) {
              make("button", key + " …", bar).onclick = () => {
                const value = prompt(key + " of " + room.room + " (or default)", room[key]);
                if (value) change(room.room, key + "=" + encodeURIComponent(value));
              };
            }
            make("dl", undefined, section);
            make("div", undefined, section).className = "charts";
          }
          for (const button of section.querySelectorAll("[data-mode]")) {
            button.setAttribute("aria-pressed", button.dataset.mode === room.mode);
          }
          const list = section.querySelector("dl");
          list.replaceChildren();
          for (const key of shown) {
            const row = make("div", undefined, list);
            make("dt", key.replaceAll("_", " "), row);
            make("dd", room[key] ?? "–", row);
          }
          const charts = section.querySelector(".charts");
          charts.replaceChildren();
          for (const name of Object.keys(series)) draw(charts, name, known.series[name]);
        };
        const poll = async () => {
          try {
            for (const room of await (await fetch("/rooms")).json()) show(room);
          } catch (problem) {
            document.getElementById("news").textContent = "no answer: " + problem;
          }
          setTimeout(poll, 1000);
        };
        poll();
        </script></body></html>

        """
}
