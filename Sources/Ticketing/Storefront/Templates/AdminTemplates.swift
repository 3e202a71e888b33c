/// The house's pages.
enum AdminTemplates {
    static let list = """
        {{<layout}}
        {{$title}}The house{{/title}}
        {{$content}}
        <h1>The house</h1>
        <table><thead><tr><th scope="col">Event</th><th scope="col">Sale</th><th scope="col">Free</th></tr></thead>
        <tbody>{{#events}}<tr><td><a href="/admin/events/{{slug}}">{{title}}</a></td><td>{{sale}}</td>
        <td>{{free}} of {{capacity}}</td></tr>{{/events}}</tbody></table>
        <p>\(PageLinks.links)</p>
        <h2>Jobs that were given up</h2>
        {{^dead}}<p>None.</p>{{/dead}}
        <ul class="cards">{{#dead}}<li class="card"><h3>{{topic}} {{ref}}</h3><p>{{error}}</p>
        <form method="post" action="/admin/jobs/{{id}}/replay"><button>Try again</button></form></li>{{/dead}}</ul>
        <h2>Money that did not go back</h2>
        {{^refunds}}<p>None.</p>{{/refunds}}
        <ul class="cards">{{#refunds}}<li class="card"><h3>{{order}}: {{amount}}</h3>
        <p>Given up after {{attempts}} attempts: {{error}}</p>
        <form method="post" action="/admin/refunds/{{id}}/retry"><button>Try again</button></form>
        <form method="post" action="/admin/refunds/{{id}}/settle"><button>I returned it in another way</button></form>
        </li>
        {{/refunds}}</ul>
        <p><a href="/door">The door</a></p>
        {{/content}}
        {{/layout}}
        """

    static let board = """
        {{<layout}}
        {{$title}}{{title}}, sales{{/title}}
        {{$head}}<script type="module" src="{{assets.board_js}}"></script>{{/head}}
        {{$content}}
        <p><a href="/admin">All events</a></p>
        <h1 dir="auto">{{title}}</h1>
        <div id="board" data-sale="{{sale}}" data-stats="/api/v1/admin/events/{{slug}}/stats">
        <dl class="figures">
        <div><dt>Sold</dt><dd data-figure="sold">{{sold}}</dd></div>
        <div><dt>Held</dt><dd data-figure="held">{{held}}</dd></div>
        <div><dt>Free</dt><dd data-figure="free">{{free}}</dd></div>
        <div><dt>Kept back</dt><dd data-figure="blocked">{{blocked}}</dd></div>
        <div><dt>Revenue</dt><dd data-money="revenue">{{revenue}}</dd></div>
        <div><dt>Refunded</dt><dd data-money="refunded">{{refunded}}</dd></div>
        <div><dt>To go back</dt><dd data-money="refunds_open">{{refunds_open}}</dd></div>
        <div><dt>Checked in</dt><dd data-figure="checked_in">{{checked_in}}</dd></div>
        <div><dt>Watching</dt><dd data-figure="viewers">{{viewers}}</dd></div>
        <div><dt>Jobs waiting</dt><dd data-figure="jobs_waiting">{{waiting}}</dd></div>
        <div><dt>Jobs given up</dt><dd data-figure="jobs_dead">{{dead}}</dd></div>
        </dl>
        {{{bar}}}
        <h2>Revenue by minute</h2>
        {{{chart}}}
        </div>
        <form class="actions" method="post" action="/admin/events/{{slug}}/status">
        <p>The sale is <strong>{{sale}}</strong>.</p>
        {{#is_open}}<button name="status" value="pause">Pause the sale</button>{{/is_open}}
        {{#is_paused}}<button class="primary" name="status" value="open">Go on selling</button>{{/is_paused}}
        </form>
        {{^is_cancelled}}<details><summary>Cancel the event</summary>
        <form method="post" action="/admin/events/{{slug}}/status">
        <p>All holds and unpaid orders end, every paid order gets its money back, and every buyer a mail. This cannot be
        undone.</p>
        <label><input type="checkbox" name="sure" value="yes" required> The event will not take place.</label>
        <button name="status" value="cancel">Cancel and refund</button>
        </form></details>{{/is_cancelled}}
        {{#cancellation}}<h2>Refunds</h2>
        <p role="status">{{refunded}} of {{orders}} orders refunded.</p>
        <ul class="cards">{{#refunds}}<li class="card"><h3>{{order}}: {{amount}}</h3>
        <p>Not returned after {{attempts}} attempts: {{error}}.
        {{#is_due}}Next one at <time datetime="{{due_at}}">{{due_at}}</time>.{{/is_due}}
        {{^is_due}}Given up.{{/is_due}}</p>
        <form method="post" action="/admin/refunds/{{id}}/retry"><input type="hidden" name="event" value="{{slug}}">
        <button>Try again now</button></form></li>{{/refunds}}
        {{#jobs}}<li class="card"><h3>{{about}}</h3><p>{{error}}</p>
        <form method="post" action="/admin/jobs/{{id}}/replay"><button>Try again</button></form></li>{{/jobs}}</ul>
        {{/cancellation}}
        <h2>Sections</h2>
        <table class="sections"><thead><tr><th scope="col">Section</th><th scope="col">Sold</th>
        <th scope="col">Held</th><th scope="col">Free</th></tr></thead>
        <tbody>{{#sections}}<tr><th scope="row">{{name}} {{{bar}}}</th><td>{{sold}}</td><td>{{held}}</td>
        <td>{{free}}</td></tr>{{/sections}}</tbody></table>
        <p><a href="/api/v1/admin/events/{{slug}}/ledger">Ledger (NDJSON)</a></p>
        {{/content}}
        {{/layout}}
        """

    static let door = """
        {{<layout}}
        {{$title}}Door{{/title}}
        {{$content}}
        <form class="narrow" method="post" action="/door">
        <h1>Door</h1>
        {{#result}}<p class="verdict {{badge}}" role="status">{{result}}</p>
        {{#holder}}<p>{{holder}} · {{place}}</p>{{/holder}}
        {{#first}}<p>First on {{first}}{{#at_gate}}, gate {{at_gate}}{{/at_gate}}</p>{{/first}}
        {{#meant}}<p>{{meant}}</p>{{/meant}}{{/result}}
        <label>Code <input name="qr" autocomplete="off" autofocus required maxlength="200"></label>
        <label>Event <select name="event"><option value="">any</option>
        {{#events}}<option value="{{slug}}"{{#is_chosen}} selected{{/is_chosen}}>{{title}}</option>{{/events}}
        </select></label>
        <label>Gate <input name="gate" maxlength="40" value="{{gate}}"></label>
        <button class="primary">Let in</button>
        </form>
        {{/content}}
        {{/layout}}
        """
}
