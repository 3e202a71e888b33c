/// Choosing seats on the map. Without it the best-available form does the work.
enum SeatScript {
    static let text = """
        const form = document.getElementById('choice');
        const map = document.querySelector('.drawing');
        const seats = new Map([...document.querySelectorAll('.seat')].map(node => [Number(node.dataset.seat), node]));
        const chosen = new Map();
        const limit = Number(form.dataset.limit);
        const money = cents => (cents / 100).toFixed(2) + ' €';
        const free = document.getElementById('free');
        let tag = '';

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
          document.getElementById('total').textContent = money(total);
          document.getElementById('seats').value = [...chosen.keys()].join(',');
          document.getElementById('hold').disabled = chosen.size === 0;
          form.hidden = seats.size === 0;
        }

        function label(node, state) {
          const words = ['free', 'held', 'sold', 'not for sale'];
          const mine = node.classList.contains('mine');
          node.setAttribute('aria-pressed', mine);
          node.setAttribute('aria-label', `${node.dataset.name}, ${money(Number(node.dataset.price))}, ${mine ?
          'chosen' : words[state]}`);
        }

        function toggle(node) {
          const seat = Number(node.dataset.seat);
          if (chosen.has(seat)) chosen.delete(seat);
          else if (node.classList.contains('s0') && chosen.size < limit) chosen.set(seat, node);
          node.classList.toggle('mine', chosen.has(seat));
          label(node, 0);
          show();
        }

        function paint(states) {
          for (const [seat, node] of seats) {
            const state = (states[seat >> 2] >> ((seat & 3) * 2)) & 3;
            if (node.classList.contains('s' + state)) continue;
            node.classList.remove('s0', 's1', 's2', 's3');
            node.classList.add('s' + state);
            if (state !== 0 && chosen.delete(seat)) { node.classList.remove('mine'); show(); }
            label(node, state);
          }
        }

        async function refresh() {
          try {
            const answer = await fetch(form.dataset.seats, { headers: { accept: 'application/octet-stream' } });
            if (answer.ok && answer.headers.get('etag') !== tag) {
              tag = answer.headers.get('etag');
              const states = new Uint8Array(await answer.arrayBuffer());
              paint(states);
              let taken = 0;
              for (const byte of states) for (let bits = byte; bits; bits >>= 2) if (bits & 3) taken += 1;
              if (free) free.textContent = Number(free.dataset.total) - taken;
            }
          } finally {
            setTimeout(refresh, document.hidden ? 15000 : 2500);
          }
        }

        function step(node, key) {
          const row = [...seats.values()];
          const index = row.indexOf(node);
          const next = key === 'ArrowRight' ? row[index + 1] : key === 'ArrowLeft' ? row[index - 1] : null;
          if (next) { node.tabIndex = -1; next.tabIndex = 0; next.focus(); }
        }

        if (map && seats.size) {
          map.classList.add('live');
          let first = true;
          for (const node of seats.values()) {
            node.setAttribute('role', 'button');
            node.tabIndex = first ? 0 : -1;
            first = false;
            label(node, [0, 1, 2, 3].find(state => node.classList.contains('s' + state)) ?? 0);
          }
          map.addEventListener('click', event => { if (event.target.matches('.seat')) toggle(event.target); });
          map.addEventListener('keydown', event => {
            if (!event.target.matches('.seat')) return;
            if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); toggle(event.target); }
            if (event.key.startsWith('Arrow')) { event.preventDefault(); step(event.target, event.key); }
          });
        }
        show();
        refresh();
        """
}

/// Counting down to the end of a hold, and noticing that an order was paid.
enum CountdownScript {
    static let text = """
        const clock = document.querySelector('[data-countdown]');
        if (clock) {
          const end = Date.parse(clock.dateTime);
          const tick = () => {
            const left = Math.max(0, Math.round((end - Date.now()) / 1000));
            const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
            document.getElementById('left').textContent = `(${text} left)`;
            if (left > 0) setTimeout(tick, 1000);
            else location.replace(clock.dataset.expired ?? location.href);
          };
          tick();
          const poll = async () => {
            try {
              const answer = await fetch(clock.dataset.poll, { headers: { accept: 'application/json' } });
              if (answer.ok && (await answer.json()).state !== 'pending') location.reload();
            } finally {
              setTimeout(poll, 2000);
            }
          };
          if (clock.dataset.poll) poll();
        }
        """
}
