import Transport

/// The files of the waiting page, named after their content so that they may be cached for ever.
enum WaitingPageAssets {
    /// One file.
    struct Asset: Sendable {
        /// The last part of its path.
        let name: String
        let contentType: String
        let body: [UInt8]

        init(ending: String, contentType: String, text: String) {
            body = Array(text.utf8)
            name = "app.\(Hexadecimal.encode(Digest.sha256(body).prefix(6))).\(ending)"
            self.contentType = contentType
        }
    }

    static let script = Asset(
        ending: "js",
        contentType: "text/javascript; charset=utf-8",
        text: scriptText
    )
    static let stylesheet = Asset(
        ending: "css",
        contentType: "text/css; charset=utf-8",
        text: stylesheetText
    )

    static func named(_ name: String) -> Asset? {
        [script, stylesheet, worker].first { $0.name == name }
    }

    private static let scriptText = """
        (() => {
          "use strict";
          const room = document.getElementById("room");
          const self = document.currentScript;
          if (!room || !self) return;
          const words = room.dataset;
          const set = (id, text) => {
            const node = document.getElementById(id);
            if (node && node.textContent !== text) node.textContent = text;
          };
          const fill = (text, ...values) => text.replace(/%/g, () => values.shift() ?? "");
          const wait = (eta, high) => {
            if (eta === undefined) return words.unknown;
            const short = eta < 90;
            const round = (seconds) => short ? Math.ceil(seconds / 10) * 10 : Math.ceil(seconds / 60);
            const [low, top] = [round(eta), round(high ?? eta)];
            return fill(short ? words.seconds : words.minutes, top > low ? fill(words.range, low, top) : low);
          };
          const sceneOf = (status) => {
            if (status.reason === "maintenance") return "maintenance";
            if (status.reason === "sold-out") return "soldout";
            if (status.reason === "too-many-places") return "later";
            if (status.state === "prequeue") return "prequeue";
            if (status.reason === "not-open-yet") return "early";
            if (status.state === "challenge") return "challenge";
            if (status.reason === "held-back") return "held";
            if (status.state === "queued" && status.ahead === 0 && status.reason !== "queue-all") return "next";
            return { queued: "queued", paused: "paused", full: "full" }[status.state] || "ready";
          };
          const opens = document.getElementById("opens");
          if (opens) {
            opens.textContent = new Date(opens.dateTime).toLocaleString(document.documentElement.lang, {
              dateStyle: "medium", timeStyle: "short",
            });
          }
          let first;
          const progress = (ahead) => {
            const bar = document.getElementById("progress");
            if (!bar || ahead === undefined) return;
            try {
              first = first ?? (Number(sessionStorage.getItem("wr-first")) || ahead);
              first = Math.max(first, ahead);
              sessionStorage.setItem("wr-first", first);
            } catch {
              first = Math.max(first ?? ahead, ahead);
            }
            bar.value = first > 0 ? Math.round(1000 * (1 - ahead / first)) : 1000;
          };
          const shown = document.getElementById("ahead");
          if (shown) progress(Number(shown.textContent));
          let timer = 0;
          let busy = false;
          let asked = 0;
          let done = false;
          const later = (seconds) => {
            clearTimeout(timer);
            timer = setTimeout(poll, 1000 * seconds);
          };
          const ask = (path, options) => fetch(path, {
            headers: { Accept: "application/json" }, credentials: "same-origin", cache: "no-store", ...options,
          });
          let worker;
          const work = (challenge) => {
            if (!challenge || worker || !window.Worker || !self.dataset.worker) return;
            worker = new Worker(self.dataset.worker);
            worker.onmessage = async ({ data: number }) => {
              worker.terminate();
              try {
                const answer = await ask(challenge.post + "&nonce=" + number, { method: "POST" });
                if (answer.ok) show(await answer.json());
              } catch {
                // The next poll says that it is still wanted.
              }
              worker = undefined;
            };
            worker.postMessage(challenge);
          };
          const show = (status) => {
            work(status.challenge);
            const scene = sceneOf(status);
            // Without its cookie a reload would take a new place each time.
            if (scene === "ready" && status.reason === "no-ticket") return;
            const title = words[scene + "Title"];
            if (scene !== words.scene.toLowerCase()) {
              words.scene = scene;
              set("title", title);
              set("text", words[scene + "Text"]);
            }
            if (status.ahead !== undefined) {
              set("ahead", String(status.ahead));
              set("ahead-words", status.ahead === 1 ? words.aheadOne : words.ahead);
            }
            progress(status.ahead);
            set("wait", wait(status.eta, status.eta_high));
            if (status.remaining !== undefined) set("remaining", String(status.remaining));
            document.title = scene === "queued" ? status.ahead + " · " + title : title;
            // A place that got its number only now has no figures on the page yet.
            const lacks = status.ahead !== undefined && !document.getElementById("ahead");
            if (scene === "ready" || lacks) location.replace(location.pathname + location.search);
          };
          const poll = async () => {
            if (busy || Date.now() - asked < 900) return;
            asked = Date.now();
            busy = true;
            let next = 5 + 5 * Math.random();
            try {
              const answer = await ask("/.wr/status?room=" + encodeURIComponent(words.room));
              if (answer.ok) {
                const status = await answer.json();
                show(status);
                if (status.poll === undefined || status.poll === null) {
                  done = true;
                  return;
                }
                next = status.poll;
              }
            } catch {
              // The network is away: the place is kept, so asking again later is enough.
            } finally {
              busy = false;
              if (!done) later(next);
            }
          };
          document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible" && !done) poll();
          });
          if (words.scene === "later") {
            // Only a visit takes a place; asking how things stand does not.
            done = true;
            setTimeout(() => location.reload(), 1000 * (Number(self.dataset.poll) || 60));
          } else {
            if (self.dataset.challenge) work(JSON.parse(self.dataset.challenge));
            later(Number(self.dataset.poll) || 5);
          }
        })();

        """

    private static let stylesheetText = """
        :root {
          --ground: #f4f2ee; --card: #fff; --ink: #1b1a17; --soft: #625d54; --line: #e4dfd6; --accent: #b4451f;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ground: #141312; --card: #1f1d1b; --ink: #f3efe8; --soft: #b3aca0; --line: #38342f; --accent: #ff9166;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; min-height: 100vh; min-height: 100dvh; display: grid; place-items: center; padding: 1.25rem;
          background: var(--ground); color: var(--ink); font: 1.0625rem/1.5 system-ui, sans-serif;
        }
        main { width: 100%; max-width: 30rem; }
        .card {
          background: var(--card); border: 1px solid var(--line); border-radius: 1.25rem; padding: 2rem 1.5rem;
          text-align: center;
        }
        .mark { display: flex; justify-content: center; gap: .5rem; margin-bottom: 1.25rem; }
        .mark span { width: .75rem; height: .75rem; border-radius: 50%; background: var(--accent); opacity: .3; }
        .mark span:first-child { opacity: 1; }
        h1 { font-size: 1.625rem; line-height: 1.2; margin: 0 0 .75rem; text-wrap: balance; }
        p { margin: 0; color: var(--soft); text-wrap: pretty; }
        .ahead { margin: 1.75rem 0 1.25rem; }
        .ahead strong {
          display: block; font-size: 3.5rem; line-height: 1; font-weight: 700; color: var(--accent);
          font-variant-numeric: tabular-nums;
        }
        dl { margin: 0; display: grid; gap: .25rem; border-top: 1px solid var(--line); padding-top: 1rem; }
        p + dl { margin-top: 1.5rem; }
        dl div { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; }
        dt { color: var(--soft); text-align: start; }
        dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; text-align: end; text-wrap: balance; }
        progress {
          appearance: none; width: 100%; height: .375rem; border: 0; border-radius: 1rem; margin: 0 0 1.25rem;
          background: var(--line); overflow: hidden;
        }
        progress::-webkit-progress-bar { background: var(--line); }
        progress::-webkit-progress-value { background: var(--accent); border-radius: 1rem; }
        progress::-moz-progress-bar { background: var(--accent); border-radius: 1rem; }
        .move { margin-top: 1.25rem; font-size: .9375rem; }
        a { color: var(--accent); }
        form { margin-top: 1.5rem; display: grid; gap: .75rem; }
        label { color: var(--soft); }
        input, button {
          font: inherit; width: 100%; padding: .75rem 1rem; border-radius: .75rem; border: 1px solid var(--line);
          background: var(--ground); color: var(--ink);
        }
        input { text-align: center; text-transform: uppercase; letter-spacing: .15em; }
        button { background: var(--accent); border-color: var(--accent); color: var(--card); font-weight: 600; }
        .code { margin-top: 1.25rem; font-size: 2.25rem; font-weight: 700; letter-spacing: .1em; color: var(--accent); }
        .note { margin-top: 1.25rem; font-size: .9375rem; }
        @media (prefers-reduced-motion: no-preference) {
          :is([data-scene="queued"], [data-scene="next"]) .mark span { animation: step 1.8s infinite; }
          :is([data-scene="queued"], [data-scene="next"]) .mark span:nth-child(2) { animation-delay: .6s; }
          :is([data-scene="queued"], [data-scene="next"]) .mark span:nth-child(3) { animation-delay: 1.2s; }
          @keyframes step { 0%, 66%, 100% { opacity: .3; } 33% { opacity: 1; } }
        }

        """
}
