/// The pages about events: the same for everybody.
enum EventTemplates {
    static let list = """
        {{<layout}}
        {{$title}}Events{{/title}}
        {{$content}}
        <h1>What's on</h1>
        <ul class="cards">
        {{#events}}{{> card}}{{/events}}
        </ul>
        {{^events}}<p>Nothing is on sale at the moment.</p>{{/events}}
        {{#has_past}}<h2>No longer on sale</h2>
        <ul class="cards">
        {{#past}}{{> card}}{{/past}}
        </ul>{{/has_past}}
        <p>\(PageLinks.links)</p>
        {{/content}}
        {{/layout}}
        """

    static let card = """
        <li class="card {{sale}}">
        <p class="when"><time datetime="{{starts_at}}">{{date}}</time></p>
        <h2 dir="auto"><a href="/e/{{slug}}">{{title}}</a></h2>
        <p class="where">{{venue}}, {{city}}</p>
        <p class="foot"><span class="badge {{badge}}">{{state}}</span>
        {{#is_open}}<span class="price">{{from}}</span>{{/is_open}}
        {{#queue}}<span class="badge queue">queue likely</span>{{/queue}}</p>
        </li>
        """

    static let event = """
        {{<layout}}
        {{$title}}{{title}}{{/title}}
        {{$head}}{{#is_open}}<script type="module" src="{{assets.seats_js}}"></script>{{/is_open}}{{/head}}
        {{$content}}
        <article class="event">
        <header class="hero">
        <p class="when"><time datetime="{{starts_at}}">{{date}}, {{time}}</time> · {{venue}}, {{city}}</p>
        <h1 dir="auto">{{title}}</h1>
        <p class="lead" dir="auto">{{body}}</p>
        <p><span class="badge {{badge}}">{{state}}</span> {{#is_open}}<span id="free"
        data-total="{{total}}">{{free}}</span> of {{total}} {{units}} free{{#section}} in the whole
        house{{/section}}{{/is_open}}
        {{#opens}}Sale opens <time datetime="{{opens_at}}">{{opens}}</time> (venue time).{{/opens}}</p>
        </header>
        {{#notice}}<p class="notice" role="alert">{{notice}}</p>{{/notice}}
        {{> held}}
        <div class="columns">
        {{#shows_map}}<section class="map{{^is_open}} still{{/is_open}}{{#is_wide}} wide{{/is_wide}}"
        aria-labelledby="map-title">
        <h2 id="map-title">{{map_title}}</h2>
        {{#section}}<p><a href="/e/{{slug}}">All sections</a></p>{{/section}}
        <ul class="legend">{{#tiers}}<li><svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5"
        fill="{{color}}"/></svg>
        {{name}} <span class="price">{{price}}</span></li>{{/tiers}}
        {{#has_plan}}<li><svg viewBox="0 0 10 10" aria-hidden="true"><circle cx="5" cy="5" r="5" class="gone"/></svg>
        taken</li>{{/has_plan}}</ul>
        {{#is_wide}}<p class="sideways">← Push the plan sideways to see all of it →</p>{{/is_wide}}
        {{#has_plan}}<div class="scroll" tabindex="0" role="region" aria-label="Plan of the house">{{{drawing}}}</div>
        {{/has_plan}}
        {{#leads}}<details><summary>All sections in words</summary><ul class="ways">
        {{#ways}}<li><a href="/e/{{slug}}?section={{query}}">{{name}}</a>, {{free}} free, {{price}}</li>
        {{/ways}}</ul></details>{{/leads}}
        </section>{{/shows_map}}
        <aside class="rail">
        {{#is_open}}
        <form id="choice" method="post" action="/e/{{slug}}/holds" data-limit="{{max}}"
        data-seats="/api/v1/events/{{slug}}/seats"
        data-live="/api/v1/events/{{slug}}/live{{section_query}}" data-currency="{{currency}}" hidden>
        <h2>Your seats</h2>
        <p id="said" role="status"></p>
        <details id="basket"><summary><output id="total"></output></summary><ul id="chosen"></ul></details>
        <input type="hidden" name="seats" id="seats">
        <button class="primary" id="hold" disabled>Hold these seats</button>
        </form>
        {{#has_plan}}{{> best}}{{/has_plan}}
        {{#standing}}
        <form method="post" action="/e/{{slug}}/holds">
        <h2>{{name}}</h2>
        <p>{{free}} of {{capacity}} places free · <span class="price">{{price}}</span></p>
        <input type="hidden" name="standing" value="{{code}}">
        <label>Places <select name="qty">{{#quantities}}<option>{{.}}</option>{{/quantities}}</select></label>
        <button>Take places</button>
        </form>
        {{/standing}}
        {{/is_open}}
        {{^is_open}}<h2>{{state}}</h2>
        {{#is_cancelled}}<p>This event will not take place. Whoever bought tickets gets the money back and a mail about
        it; there is nothing to do.</p>{{/is_cancelled}}
        {{#is_over}}<p>The sale has ended. Tickets can no longer be bought here.</p>{{/is_over}}
        {{^is_cancelled}}{{^is_over}}<p>Tickets cannot be bought at the moment.</p>{{/is_over}}{{/is_cancelled}}
        {{/is_open}}
        <p class="own">Are you holding seats already? They are with <a href="/orders">your orders</a>.</p>
        </aside>
        </div>
        </article>
        {{/content}}
        {{/layout}}
        """

    static let best = """
        <form method="post" action="/e/{{slug}}/holds">
        <h2>Best available</h2>
        {{#section}}<input type="hidden" name="section" value="{{section}}">{{/section}}
        <label>Seats <select name="qty">{{#quantities}}<option>{{.}}</option>{{/quantities}}</select></label>
        {{^section}}<label>Price <select name="tier"><option value="">any</option>
        {{#tiers}}<option value="{{number}}">{{name}} · {{price}}</option>{{/tiers}}</select></label>{{/section}}
        <label class="check"><input type="checkbox" name="apart" value="yes"> may be apart</label>
        <button{{#leads}} class="primary"{{/leads}}>Find seats</button>
        </form>
        """
}
