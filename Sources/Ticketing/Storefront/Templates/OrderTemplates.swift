/// The pages of one buyer: holds, orders, tickets.
enum OrderTemplates {
    static let checkout = """
        {{<layout}}
        {{$title}}Checkout{{/title}}
        {{$head}}<script type="module" src="{{assets.countdown_js}}"></script>{{/head}}
        {{$content}}
        <h1>Checkout</h1>
        {{#notice}}<p class="notice" role="alert">{{notice}}</p>{{/notice}}
        {{#is_active}}
        <p class="timer">Held for you until <time datetime="{{expires_at}}"
        data-left="{{left}}">{{expires}}</time> (venue time) <span id="left"></span></p>
        <p class="notice" id="released" role="alert" hidden>The time is over, and your seats were released.
        <a href="/e/{{slug}}">Choose again</a>.</p>
        <div class="columns">
        <section><h2 dir="auto">{{title}}</h2><p class="when">{{date}}, {{time}} · {{venue}}</p>
        {{> seatlist}}
        <form method="post" action="/checkout/{{hold}}/release"><button class="link">Give the seats
        back</button></form>
        </section>
        <form class="rail" method="post" action="/checkout/{{hold}}">
        <h2>Your details</h2>
        {{#account}}<p>Signed in as {{account}}</p>{{/account}}
        {{^account}}<label>E-mail <input type="email" name="email" autocomplete="email" required maxlength="254"
        value="{{email}}"\(FieldFault.marks("email"))></label>\(FieldFault.sentence("email")){{/account}}
        <label>Name on the tickets <input name="holder" dir="auto" autocomplete="name" required maxlength="120"
        value="{{holder}}"\(FieldFault.marks("holder"))></label>\(FieldFault.sentence("holder"))
        <label>Voucher, if you have one <input name="voucher" autocomplete="off" maxlength="32"
        value="{{voucher}}"\(FieldFault.marks("voucher"))></label>\(FieldFault.sentence("voucher"))
        {{#fees}}<p>The voucher is for the price. The fee of {{fees}} remains.</p>{{/fees}}
        <button class="primary">Order and pay {{total}}</button>
        <button class="link" name="look" value="yes" formnovalidate>Show the price with the voucher</button>
        </form>
        </div>
        {{/is_active}}
        {{^is_active}}<p>These seats are no longer held for you. <a href="/e/{{slug}}">Choose
        again</a>.</p>{{/is_active}}
        {{/content}}
        {{/layout}}
        """

    /// What a visitor holds and has not ordered.
    static let held = """
        {{#holds}}<p class="notice"><a href="/checkout/{{id}}">Go on with what you hold</a>: {{count}}, {{title}},
        until {{expires}} (venue time).</p>{{/holds}}
        """

    /// Seats that are not known to be held by whoever asks.
    static let lost = """
        {{<layout}}
        {{$title}}These seats are not held for you here{{/title}}
        {{$content}}
        <div class="narrow">
        <h1>These seats are not held for you here</h1>
        <p>Seats are held for the account or the browser that chose them.</p>
        <ul><li>Were you signed in? <a href="/login?next={{path}}">Sign in again</a> and go on from here.</li>
        <li>Does your browser refuse cookies? Allow those of this site, since it knows you by them, and choose
        again.</li></ul>
        <p><a href="/orders">My orders</a> · <a href="/">See what's on</a></p>
        </div>
        {{/content}}
        {{/layout}}
        """

    static let seats = """
        <table class="seats">
        <thead><tr><th scope="col">Seat</th><th scope="col">Price</th><th scope="col">Fee</th></tr></thead>
        <tbody>{{#seats}}<tr><td>{{place}}</td><td>{{amount}}</td><td>{{fee}}</td></tr>{{/seats}}</tbody>
        <tfoot>{{#discount}}
        <tr><th scope="row">Voucher</th><td colspan="2">-{{discount}}</td></tr>{{/discount}}
        <tr><th scope="row">Total</th><td colspan="2">{{total}}</td></tr></tfoot>
        </table>
        """

    static let order = """
        {{<layout}}
        {{$title}}Order {{code}}{{/title}}
        {{$head}}{{#is_pending}}<script type="module" src="{{assets.countdown_js}}"></script>{{/is_pending}}{{/head}}
        {{$content}}
        <h1>Order {{code}}</h1>
        <ol class="steps">{{#steps}}<li class="{{class}}"{{#is_now}} aria-current="step"{{/is_now}}>{{name}}</li>
        {{/steps}}</ol>
        {{#notice}}<p class="notice" role="status">{{notice}}</p>{{/notice}}
        <h2 dir="auto">{{title}}</h2>
        <p class="when">{{date}}, {{time}} · {{venue}}</p>
        {{#is_pending}}
        <p class="timer">Pay until <time datetime="{{expires_at}}" data-left="{{left}}"
        data-poll="/api/v1/orders/{{code}}{{secret}}">{{expires}}</time> (venue time) <span id="left"></span></p>
        {{> seatlist}}
        {{^is_processing}}<div class="actions">
        <form method="post" action="/orders/{{code}}/pay{{secret}}">
        <button class="primary">Pay {{total}}</button></form>
        {{#is_own}}<form method="post" action="/orders/{{code}}/cancel"><button class="link">Cancel the
        order</button></form>{{/is_own}}
        </div>{{/is_processing}}
        {{#is_processing}}<p><a href="/orders/{{code}}{{secret}}">Look again</a></p>{{/is_processing}}
        {{/is_pending}}
        {{^is_pending}}
        {{#tickets}}
        <section class="ticket">
        <div class="qr">{{{qr}}}</div>
        <div><h3>{{place}}</h3>
        <p dir="auto">{{holder}}</p><p class="serial">{{serial}}</p>
        <details><summary>Code as text</summary><code>{{code}}</code></details></div>
        </section>
        {{/tickets}}
        {{#has_tickets}}<p class="actions"><a href="/orders/{{code}}/tickets.pdf{{secret}}">Tickets as PDF</a>
        <a href="/orders/{{code}}/event.ics{{secret}}">Add to calendar</a></p>{{/has_tickets}}
        {{> seatlist}}
        {{#is_refundable}}<details><summary>Give the tickets back</summary>
        <form method="post" action="/orders/{{code}}/refund"><p>The seats go on sale again and {{paid}} go back to
        you.</p><button>Give all tickets back</button></form></details>{{/is_refundable}}
        {{/is_pending}}
        {{/content}}
        {{/layout}}
        """

    static let orders = """
        {{<layout}}
        {{$title}}My orders{{/title}}
        {{$content}}
        <h1>My orders</h1>
        {{#account}}<p>Signed in as {{account}}</p>{{/account}}
        {{^account}}<p>Orders made in this browser. <a href="/login">Sign in</a> to see those of your
        account.</p>{{/account}}
        {{> held}}
        <ul class="cards">
        {{#orders}}
        <li class="card"><p class="when">{{created}}</p><h2 dir="auto"><a href="/orders/{{code}}">{{title}}</a></h2>
        <p class="foot"><span class="badge {{badge}}">{{state}}</span> {{count}} · {{total}}</p></li>
        {{/orders}}
        </ul>
        {{^orders}}<p>No orders yet. <a href="/">See what's on</a>.</p>{{/orders}}
        {{/content}}
        {{/layout}}
        """
}
