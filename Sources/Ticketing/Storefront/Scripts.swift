/// Choosing seats on the map. Without it the best-available form does the work.
enum SeatScript {
    static let text = """
        const form = document.getElementById('choice');
        const map = document.querySelector('.drawing');
        const seats = new Map([...document.querySelectorAll('.seat')].map(node => [Number(node.dataset.seat), node]));
        const chosen = new Map();
        const limit = Number(form.dataset.limit);
        const money = cents => (cents / 100).toFixed(2) + ' ' + form.dataset.currency;
        const free = document.getElementById('free');
        const basket = document.getElementById('basket');
        const states = ['free', 'held by somebody else', 'sold', 'not for sale'];
        const gone = new Set();
        let tag = '';
        let revision = -1;
        let timer = 0;

        function show() {
          const list = document.getElementById('chosen');
          list.replaceChildren(...[...chosen.values()].map(node => {
            const item = document.createElement('li');
            const name = document.createElement('span');
            const price = document.createElement('span');
            name.textContent = node.dataset.name;
            price.textContent = money(Number(node.dataset.price));
            item.append(name, price);
            return item;
          }));
          let total = 0;
          for (const node of chosen.values()) total += Number(node.dataset.price);
          const count = chosen.size === 1 ? '1 seat' : `${chosen.size} seats`;
          document.getElementById('total').textContent = `${count} · ${money(total)}`;
          document.getElementById('seats').value = [...chosen.keys()].join(',');
          document.getElementById('hold').disabled = chosen.size === 0;
          form.hidden = seats.size === 0;
        }

        // What the map knows of a seat: the one place that labels, presses and changes ask.
        const stateOf = node => states.findIndex((_, state) => node.classList.contains('s' + state));

        function label(node) {
          const state = stateOf(node);
          const mine = node.classList.contains('mine');
          node.setAttribute('aria-pressed', mine);
          node.setAttribute('aria-disabled', state !== 0);
          const words = mine ? 'chosen' : states[state];
          node.setAttribute('aria-label', `${node.dataset.name}, ${money(Number(node.dataset.price))}, ${words}`);
        }

        // A new node each time, so that the same words are spoken again.
        function say(text) {
          document.getElementById('said').replaceChildren(...(text ? [document.createTextNode(text)] : []));
        }

        function refusal(node) {
          const state = stateOf(node);
          if (state !== 0) return `${node.dataset.name} is ${states[state]}.`;
          if (chosen.size < limit) return '';
          const most = limit === 1 ? '1 seat' : `${limit} seats`;
          return `You may choose at most ${most}. To take this one, give another back first.`;
        }

        function toggle(node) {
          gone.clear();
          const seat = Number(node.dataset.seat);
          if (!chosen.delete(seat)) {
            const words = refusal(node);
            say(words);
            if (words) return;
            chosen.set(seat, node);
          } else say('');
          node.classList.toggle('mine', chosen.has(seat));
          label(node);
          show();
        }

        function mark(seat, state) {
          const node = seats.get(seat);
          if (!node || node.classList.contains('s' + state)) return;
          node.classList.remove('s0', 's1', 's2', 's3');
          node.classList.add('s' + state);
          if (state !== 0 && chosen.delete(seat)) {
            node.classList.remove('mine');
            gone.add(node.dataset.name);
            const names = [...gone];
            say(`${names.join('; ')}: just taken by somebody else.`);
            show();
          }
          label(node);
        }

        async function refresh() {
          const answer = await fetch(form.dataset.seats, { headers: { accept: 'application/octet-stream' } });
          if (!answer.ok || answer.headers.get('etag') === tag) return;
          tag = answer.headers.get('etag');
          revision = Number(tag.match(/-(\\d+)-raw/)?.[1] ?? -1);
          const bits = new Uint8Array(await answer.arrayBuffer());
          for (const seat of seats.keys()) mark(seat, (bits[seat >> 2] >> ((seat & 3) * 2)) & 3);
        }

        // What is kept on the way, for a second, may be older than what was announced.
        function catchUp(announced) {
          clearTimeout(timer);
          refresh().catch(() => {}).finally(() => {
            if (revision < announced) timer = setTimeout(catchUp, 1000 + 500 * Math.random(), announced);
          });
        }

        // Asked for again when the stream is away: then the page is a little late, and right.
        function poll() {
          clearTimeout(timer);
          refresh().catch(() => {}).finally(() => { timer = setTimeout(poll, document.hidden ? 15000 : 2500); });
        }

        function listen() {
          const stream = new EventSource(form.dataset.live);
          stream.addEventListener('hello', event => {
            clearTimeout(timer);
            const hello = JSON.parse(event.data);
            if (free) free.textContent = hello.free;
            if (hello.revision !== revision) catchUp(hello.revision);
          });
          stream.addEventListener('seats', event => {
            const change = JSON.parse(event.data);
            if (free) free.textContent = change.free;
            if (change.seats && change.previous === revision) {
              revision = change.revision;
              for (const [seat, state] of change.seats) mark(seat, state);
            } else if (seats.size) catchUp(change.revision);
          });
          stream.addEventListener('error', poll);
        }

        // Seats of one row stand together; their names differ in the number alone.
        const rows = [];
        let row = '';
        for (const node of seats.values()) {
          const name = node.dataset.name.replace(/, seat [^,]*$/, '');
          if (name !== row) rows.push([]);
          row = name;
          rows.at(-1).push(node);
        }

        function nearest(node, others) {
          const away = other => Math.abs(other.cx.baseVal.value - node.cx.baseVal.value);
          return others?.reduce((best, other) => away(other) < away(best) ? other : best);
        }

        function target(node, key) {
          const all = [...seats.values()];
          const index = rows.findIndex(row => row.includes(node));
          switch (key) {
            case 'ArrowRight': return all[all.indexOf(node) + 1];
            case 'ArrowLeft': return all[all.indexOf(node) - 1];
            case 'ArrowUp': return nearest(node, rows[index - 1]);
            case 'ArrowDown': return nearest(node, rows[index + 1]);
            case 'Home': return rows[index][0];
            case 'End': return rows[index].at(-1);
          }
        }

        function step(node, next) {
          node.tabIndex = -1;
          next.tabIndex = 0;
          next.focus();
        }

        if (map && seats.size) {
          map.classList.add('live');
          const frame = map.closest('.scroll');
          if (frame) {
            frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
            frame.closest('.map').classList.toggle('fits', frame.scrollWidth <= frame.clientWidth);
          }
          let first = true;
          for (const node of seats.values()) {
            node.setAttribute('role', 'button');
            node.tabIndex = first ? 0 : -1;
            first = false;
            label(node);
          }
          map.addEventListener('click', event => { if (event.target.matches('.seat')) toggle(event.target); });
          map.addEventListener('keydown', event => {
            if (!event.target.matches('.seat')) return;
            if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); toggle(event.target); }
            const next = target(event.target, event.key);
            if (next) { event.preventDefault(); step(event.target, next); }
          });
        }
        // Where there is room the seats are listed; a phone shows how many, and which on demand.
        basket.open = matchMedia('(min-width: 52.01rem)').matches;
        show();
        poll();
        if (window.EventSource) listen();
        """
}

/// The figures of the sales board, kept fresh. Without it they are those of the moment the page was asked for.
enum BoardScript {
    static let text = """
        const board = document.getElementById('board');
        const chart = board.querySelector('.chart');
        const make = (name, values) => {
          const node = document.createElementNS('http://www.w3.org/2000/svg', name);
          for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
          return node;
        };

        function draw(minutes, currency) {
          const most = Math.max(1, ...minutes.map(minute => minute.amount));
          chart.replaceChildren(...minutes.slice(-60).map((minute, index) => {
            const height = Math.max(1, Math.round(minute.amount * 110 / most));
            const bar = make('rect', { x: index * 10 + 1, y: 120 - height, width: 8, height, rx: 1 });
            const title = make('title', {});
            title.textContent = `${minute.at.slice(11, 16)}: ${minute.orders}, ${minute.amount / 100} ${currency}`;
            bar.append(title);
            return bar;
          }));
        }

        async function refresh() {
          try {
            const answer = await fetch(board.dataset.stats, { headers: { accept: 'application/json' } });
            if (!answer.ok) return;
            const figures = await answer.json();
            // What may be done about the sale depends on it.
            if (figures.sale !== board.dataset.sale) return location.reload();
            for (const node of board.querySelectorAll('[data-figure]'))
              node.textContent = figures[node.dataset.figure];
            for (const node of board.querySelectorAll('[data-money]'))
              node.textContent = `${(figures[node.dataset.money] / 100).toFixed(2)} ${figures.currency}`;
            draw(figures.minutes, figures.currency);
          } finally {
            setTimeout(refresh, document.hidden ? 15000 : 2000);
          }
        }
        setTimeout(refresh, 2000);
        """
}

/// Counting down to the end of a hold, and noticing that an order was paid.
enum CountdownScript {
    static let text = """
        const clock = document.querySelector('[data-left]');
        if (clock) {
          // The seconds that were left when the page was made, not the time of day, which may be wrong here.
          const end = performance.now() + 1000 * Number(clock.dataset.left);
          const over = () => {
            const released = document.getElementById('released');
            if (!released) return;
            released.hidden = false;
            for (const button of document.querySelectorAll('main button')) button.disabled = true;
          };
          const tick = () => {
            const left = Math.max(0, Math.round((end - performance.now()) / 1000));
            const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
            document.getElementById('left').textContent = `(${text} left)`;
            if (left > 0) setTimeout(tick, 1000);
            else over();
          };
          tick();
          const poll = async () => {
            try {
              const answer = await fetch(clock.dataset.poll, { headers: { accept: 'application/json' } });
              if (answer.ok && (await answer.json()).state !== 'pending') return location.reload();
            } catch {}
            setTimeout(poll, 2000);
          };
          if (clock.dataset.poll) poll();
        }
        """
}
